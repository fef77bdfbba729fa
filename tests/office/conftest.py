"""An open office, on a fresh database of each engine."""

import pytest

from office.context import OfficeContext, open_office
from tests.office.world import World


@pytest.fixture(autouse=True)
def here() -> OfficeContext:
    return open_office(public_url="https://loket.example")


@pytest.fixture
def world(database: str) -> World:
    return World()
