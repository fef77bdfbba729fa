from collections.abc import Iterator

import pytest

from office.context import open_office


@pytest.fixture(autouse=True)
def _one_again() -> Iterator[None]:
    """The tests that come after know one office."""
    yield
    open_office()
