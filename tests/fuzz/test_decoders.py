"""Changed pictures and PDFs before the decoders, in processes as limited as those that open papers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.short_form import SOAKING

ROOT = Path(__file__).parents[2]
# A fork each, as in the service, and a whole picture to decode: a hundredth of a parser's pace.
CASES = int(os.environ.get("LOKET_FUZZ", "20000" if SOAKING else "60"))
SEED = os.environ.get("LOKET_SEED", "5")
MOST_ENDED = 0.001  # of the files may end their process: those are refused, and nobody else notices


def test_decoders_read_or_refuse_and_nothing_else() -> None:
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.decoders", str(CASES), SEED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    ended, per_second = int(ran.stdout), CASES / (time.perf_counter() - begun)
    print(f"decoders: {CASES} files, {per_second:.0f} a second, {ended} ended their process")  # noqa: T201
    assert ended <= CASES * MOST_ENDED
