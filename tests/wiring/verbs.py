"""The verbs of run.py as processes of their own: forked from one that has imported everything already.

To import Loket takes seconds, and most verbs a tenth of one.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds of real time
IMPORTED = ("wiring.cli", "wiring.serve", "wiring.registry", "wiring.doctor", "wiring.desk", __name__)

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(list(IMPORTED))


@dataclass
class Ended:
    code: int
    out: str
    err: str


async def run(*arguments: str, env: Mapping[str, str]) -> Ended:
    """``run.py ARGUMENTS`` under this environment, in the data folder it names."""
    with tempfile.TemporaryDirectory() as told:
        process = _forking.Process(target=_verb, args=(arguments, dict(env), told))
        process.start()
        await asyncio.to_thread(process.join, PATIENCE)
        code = process.exitcode
        process.kill()
        assert code is not None, f"{arguments} did not end"
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


def _verb(arguments: Sequence[str], env: Mapping[str, str], told: str) -> None:
    from wiring import cli  # noqa: PLC0415 - whoever only starts processes needs none of it

    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(told, name), os.O_WRONLY | os.O_CREAT), number)
    environment = _inherited() | env
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(env["LOKET_DATA_DIR"])
    raise SystemExit(cli.main(list(arguments)))
