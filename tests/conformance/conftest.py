"""Channels do not care which database it is: one is enough here, and quick."""

import pytest

pytest.register_assert_rewrite("tests.conformance.checks", "tests.conformance.bench")


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)
