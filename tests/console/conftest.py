from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.desk import Desk, open_desk
from tests.flows.counter import Counter, open_counter


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened
