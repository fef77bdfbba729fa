import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import close_database, open_database
from office.context import open_office
from tests.handlers.counter import Counter


@pytest.fixture
async def counter(database: str) -> Counter:
    """A counter on a fresh database; the test runs once per engine."""
    open_office()
    return Counter()


@pytest.fixture
async def one_counter(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Counter]:
    """The same on SQLite alone, where a thousand cells are asked of one database."""
    path = tmp_path / "loket.db"
    shutil.copyfile(sqlite_template, path)
    await open_database(f"sqlite://{path}")
    open_office()
    yield Counter()
    await close_database()
