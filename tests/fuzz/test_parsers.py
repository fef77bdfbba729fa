"""No changed input breaks a parser, and none keeps it busy for a tenth of a second."""

from __future__ import annotations

import logging
import os
import random
import time
import zlib
from collections.abc import Iterator

import pytest
import structlog

from bot import lazy_models
from office.context import open_office
from tests.faults.short_form import SOAKING
from tests.fuzz.parsers import PARSERS

CASES = int(os.environ.get("LOKET_FUZZ", "100000" if SOAKING else "200"))
SEED = int(os.environ.get("LOKET_SEED", "5"))
LONGEST = 0.1  # seconds of processor time for one input


@pytest.fixture(autouse=True)
def an_office() -> Iterator[None]:
    open_office()
    lazy_models.warm()
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionParam")
@pytest.mark.parametrize("name", PARSERS)
def test_whatever_comes_is_read_or_refused(name: str) -> None:
    parser, chance = PARSERS[name], random.Random(zlib.crc32(name.encode()) + SEED)
    slowest, begun = 0.0, time.perf_counter()
    for number in range(CASES):
        case = parser.make(chance)
        took = _time_of(parser.read, case, number)
        if took >= LONGEST:  # once may be the collector's turn
            took = min(took, _time_of(parser.read, case, number))
        assert took < LONGEST, (number, case)
        slowest = max(slowest, took)
    per_second = CASES / (time.perf_counter() - begun)
    print(f"{name}: {CASES} cases, {per_second:.0f} a second, the slowest {slowest * 1000:.1f} ms")  # noqa: T201


def _time_of(read: object, case: object, number: int) -> float:
    assert callable(read)
    begun = time.thread_time()
    try:
        read(case)
    except BaseException as error:
        error.add_note(f"case {number}: {case!r:.2000}")
        raise
    return time.thread_time() - begun
