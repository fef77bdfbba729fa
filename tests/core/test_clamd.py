"""Asking clamd over a real socket, of a clamd that minds its protocol."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.clamd import Clamd, ScannerAway
from tests.fakes.clamd import EICAR, VERSION, FakeClamd

LARGE = os.urandom(1 << 20) * 3  # more than any buffer between the two


@pytest.fixture
def socket_path() -> Iterator[str]:
    """Short: what a socket is called fits into 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        yield str(Path(folder) / "clamd.ctl")


@pytest.fixture
def clamd() -> FakeClamd:
    return FakeClamd()


@pytest.fixture(params=["unix", "tcp"])
async def address(request: pytest.FixtureRequest, clamd: FakeClamd, socket_path: str) -> AsyncIterator[str]:
    async with clamd.on_socket(socket_path) if request.param == "unix" else clamd.on_port() as served:
        yield served


async def test_what_is_asked_arrives_whole_and_what_is_found_has_a_name(
    address: str, clamd: FakeClamd
) -> None:
    asked = Clamd(address)
    assert await asked.version() == VERSION
    told = await asyncio.gather(*(asked.found_in(one) for one in (b"", b"berkas", LARGE, LARGE + EICAR)))
    assert told == [None, None, None, "Win.Test.EICAR_HDB-1"]
    assert sorted(map(len, clamd.scanned)) == sorted([0, 6, len(LARGE), len(LARGE) + len(EICAR)])
    assert LARGE in clamd.scanned
    assert clamd.broken == []


async def test_nothing_passes_for_clean_that_was_not_looked_at(socket_path: str) -> None:
    clamd = FakeClamd(stream_max_length=1 << 20)
    asked = Clamd(f"unix://{socket_path}", patience=0.3)
    with pytest.raises(ScannerAway):
        await asked.found_in(b"berkas")  # nobody is there
    async with clamd.on_socket(socket_path):
        assert await asked.found_in(LARGE[: 1 << 20]) is None
        for content in (LARGE[: (1 << 20) + 1], LARGE):  # a byte too long, and one that is cut off amid
            with pytest.raises(ScannerAway):
                await asked.found_in(content)
        clamd.manner = "fails"
        with pytest.raises(ScannerAway, match="allocate"):
            await asked.found_in(b"berkas")
        clamd.manner = "silent"
        for question in (asked.found_in(b"berkas"), asked.version()):
            with pytest.raises(ScannerAway, match="in time"):
                await question
