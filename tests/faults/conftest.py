"""Killing the office's processes, starving them, and asking what is left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.town import Town, open_town


@pytest.fixture
async def town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """Providers and people around an office that is still closed."""
    async with open_town(database_url, tmp_path) as town:
        yield town
