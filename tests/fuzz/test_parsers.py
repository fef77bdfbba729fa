"""No input breaks a parser, and none keeps it busy for a tenth of a second."""

from __future__ import annotations

import logging
import os
import time
import zlib
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings

from bot import lazy_models
from office.context import open_office
from tests.faults.short_form import SOAKING
from tests.fuzz.parsers import PARSERS

CASES = int(os.environ.get("LOKET_FUZZ", "100000" if SOAKING else "100"))
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
    parser, times = PARSERS[name], []

    @seed(zlib.crc32(name.encode()) + SEED)
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(parser.cases)
    def reads(case: object) -> None:
        took = _time_of(parser.read, case)
        if took >= LONGEST:  # once may be the collector's turn
            took = min(took, _time_of(parser.read, case))
        assert took < LONGEST, case
        times.append(took)

    begun = time.perf_counter()
    reads()
    per_second = len(times) / (time.perf_counter() - begun)
    print(f"{name}: {len(times)} cases, {per_second:.0f} a second, the slowest {max(times) * 1000:.1f} ms")  # noqa: T201
    assert len(times) >= CASES, "Hypothesis has given up"


def _time_of(read: object, case: object) -> float:
    assert callable(read)
    begun = time.thread_time()
    try:
        read(case)
    except BaseException as error:
        error.add_note(f"{case!r:.2000}")
        raise
    return time.thread_time() - begun
