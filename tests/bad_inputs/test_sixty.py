"""Sixty bad inputs, each through the office's own doors, on both databases.

Around each: no HTTP 5xx, no trace before the person, no partial state, and at most 100 MB of memory.
"""

import pytest

from tests.bad_inputs import at_the_doors, of_files, of_people, of_words, on_the_web  # noqa: F401
from tests.bad_inputs.row import ROWS
from tests.bad_inputs.town import Town


def test_the_table_is_whole() -> None:
    assert sorted(ROWS) == list(range(1, 61))


@pytest.mark.filterwarnings("default::aiohttp.multipart.BadContentDispositionHeader")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("number", sorted(ROWS))
async def test_bad_input(town: Town, number: int) -> None:
    async with town.holds():
        await ROWS[number].deed(town)
