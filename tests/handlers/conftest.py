import pytest

from office.context import open_office
from tests.handlers.counter import Counter


@pytest.fixture
async def counter(database: str) -> Counter:
    """A counter on a fresh database; the test runs once per engine."""
    open_office()
    return Counter()
