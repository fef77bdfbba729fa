"""The verbs of run.py as processes of their own."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.forked import forked
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Ended:
    code: int
    out: str
    err: str


async def run(*arguments: str, env: Mapping[str, str], folder: Path | None = None) -> Ended:
    """``run.py ARGUMENTS`` under this environment, in the ``folder`` or the data folder it names."""
    with tempfile.TemporaryDirectory() as told:
        here = str(folder or env["LOKET_DATA_DIR"])
        code = await forked(_verb, arguments, dict(env), here, told)
        return Ended(code, *(Path(told, name).read_text(encoding="utf-8") for name in ("out", "err")))


async def run_from_the_start(*arguments: str, env: Mapping[str, str]) -> Ended:
    """The same with an interpreter of its own, as a person calls it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "run.py"),
        *arguments,
        env=_inherited() | env,
        cwd=env["LOKET_DATA_DIR"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, out.decode(), err.decode())


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LOKET_")}


def _verb(arguments: Sequence[str], env: Mapping[str, str], here: str, told: str) -> None:
    from wiring import cli  # noqa: PLC0415 - whoever only starts processes needs none of it

    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(told, name), os.O_WRONLY | os.O_CREAT), number)
    environment = _inherited() | env
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(here)
    os.umask(0o077)  # as run.py does
    raise SystemExit(cli.main(list(arguments)))
