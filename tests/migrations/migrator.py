"""Migrating in processes of their own, so that they can be killed and raced.  ``URL FOLDER``.

A process says ``ready``, waits for a line, migrates, and prints the names it applied.
"""

import asyncio
import os
import sys
from pathlib import Path

from models.migrate import migrate
from models.migrations.files import FOLDER


async def start(
    url: str, folder: Path = FOLDER, *, killed_at: int | None = None
) -> asyncio.subprocess.Process:
    """A migrator that is ready to go."""
    environment = {**os.environ, "LOKET_ENV": "test"}
    if killed_at is not None:
        environment["FAILPOINT"] = f"migrate:{killed_at}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.migrations.migrator", url, str(folder)),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def finish(process: asyncio.subprocess.Process) -> tuple[int, list[str]]:
    """Let it go: its exit code, and what it applied."""
    out, _ = await process.communicate(b"go\n")
    assert process.returncode is not None
    return process.returncode, out.decode().split()


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write("\n".join(asyncio.run(migrate(sys.argv[1], Path(sys.argv[2])))))
