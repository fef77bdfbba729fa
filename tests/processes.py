"""``run.py`` as processes: a server that is asked to stop, and verbs beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

from tests.patience import PATIENCE
from tests.wiring.verbs import run

OFFICE = timezone(timedelta(hours=8))
TEN = time(10)  # an hour at which people may be written to, whenever the tests run
RUN = Path(__file__).resolve().parents[1] / "run.py"


_to_ten = datetime.combine(datetime.now(OFFICE) + timedelta(days=1), TEN, OFFICE) - datetime.now(OFFICE)


def _by_day(env: Mapping[str, str]) -> dict[str, str]:
    """From the next morning on; all processes of a run go by one clock."""
    return {"LOKET_CLOCK": (datetime.now(OFFICE) + _to_ten).isoformat()} | dict(env)


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}
    ours = {"LOKET_ENV": "test", "LOKET_DATA_DIR": str(folder), "LOKET_HTTP__PORT": "0"}
    return inherited | ours | dict(settings)


@contextlib.asynccontextmanager
async def served(env: Mapping[str, str]) -> AsyncIterator[str]:
    """A server's address; at the end SIGTERM, and exit code 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(RUN), "serve", env=_by_day(env), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while (found := re.search(r"(http://127\.0\.0\.1:\d+)/healthz", told)) is None:
                line = await process.stdout.readline()
                assert line, f"it ended before it served: {told}"
                told += line.decode()
        yield found.group(1)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def verb(*arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Exit code, and what it printed."""
    ended = await run(*arguments, env=_by_day(env), folder=RUN.parent)
    return ended.code, ended.out + ended.err
