from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.counter import Counter, open_counter


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """The office, that asks for papers on a page."""
    async with open_counter(database_url, tmp_path, papers="form") as opened:
        yield opened
    assert opened.graph.ledger.refused == []
