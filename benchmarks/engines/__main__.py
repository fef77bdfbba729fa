"""The same messages through our outbox and through task engines from PyPI, with one ``kill -9`` on the way.

    python -m benchmarks.engines [--jobs 1000] [--only dbos]

``lost``: never reached the provider, although the engine was started again and had a minute.  ``unknown``:
not sent again because the process died between the intent and the answer; only our outbox says so.  Rate and
CPU are those of the half before the kill.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import broadcast
from benchmarks.contenders import loket_env
from benchmarks.environments import ROOT, python_of
from benchmarks.postgres import Postgres
from benchmarks.processes import Bot, cpu_seconds, free_port, processor_is_shared
from benchmarks.provider import Provider

NO_LIMIT = 100_000
STILL = 60.0  # seconds without a send after which nothing more is waited for; our lease is 45


@dataclass(frozen=True, slots=True)
class Engine:
    module: str
    database: str


ENGINES = {
    "our outbox, SQLite": Engine("", "sqlite"),
    "our outbox, PostgreSQL": Engine("", "postgres"),
    "dbos, SQLite": Engine("benchmarks.engines.dbos_engine", "sqlite"),
    "dbos, PostgreSQL": Engine("benchmarks.engines.dbos_engine", "postgres"),
    "procrastinate, PostgreSQL": Engine("benchmarks.engines.procrastinate_engine", "postgres"),
    "huey, SQLite": Engine("benchmarks.engines.huey_engine", "sqlite"),
}


async def run(engine: Engine, jobs: int, postgres: Postgres | None) -> tuple[object, ...]:
    """Jobs a second, CPU a job in µs, lost, doubled, unknown."""
    provider = Provider()
    address, port = await provider.open(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/jobs.db"
        if engine.database == "postgres":
            assert postgres is not None
            url = await postgres.fresh_here()
        if engine.module:
            scheme = url.replace("postgres://", "postgresql://", 1)
            env = {"DATABASE_URL": scheme, "PROVIDER": address}
            command = [python_of("engines"), "-m", engine.module]
            enqueue = [*command, "enqueue", str(jobs)]
            await asyncio.to_thread(subprocess.run, enqueue, cwd=ROOT, env=os.environ | env, check=True)
            command.append("work")
        else:
            own = url if engine.database == "postgres" else f"sqlite://{folder}/loket.db"
            await broadcast.queue(own, jobs)
            env = loket_env(folder, port, address, own)
            env |= {"LOKET_PACING": "on", "LIMIT": str(NO_LIMIT)}
            command = [sys.executable, "-m", "benchmarks.bots.fanout"]
        bot = Bot(command, env, folder / "log", pin=False)
        await broadcast.reached(provider, 1)
        cpu, began, half = _cpu(bot, postgres), time.monotonic(), jobs // 2
        await broadcast.reached(provider, half)
        cpu, seconds = _cpu(bot, postgres) - cpu, time.monotonic() - began
        await asyncio.to_thread(bot.kill)
        await asyncio.to_thread(bot.start)
        await everybody(provider, jobs)
        await asyncio.to_thread(bot.stop)
        unknown = (await broadcast.states_of(own)).get("unknown", 0) if not engine.module else 0
    provider.close()
    heard = Counter(person for _, person, _ in provider.sends)
    missing = jobs - len(heard)
    doubled = sum(count - 1 for count in heard.values())
    return f"{half / seconds:.0f}", f"{cpu / half * 1e6:.0f}", max(0, missing - unknown), doubled, unknown


async def everybody(provider: Provider, jobs: int) -> None:
    """Until each has heard it, or nothing has come for long."""
    while len({person for _, person, _ in provider.sends}) < jobs:
        had = len(provider.sends)
        await broadcast.reached(provider, had + 1, STILL)
        if len(provider.sends) == had:
            return


def _cpu(bot: Bot, postgres: Postgres | None) -> float:
    return cpu_seconds(bot.pid) + (cpu_seconds(postgres.pid) if postgres is not None else 0.0)


async def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--jobs", type=int, default=1_000)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    postgres = Postgres()
    print("| | jobs/s | CPU µs a job, database included | lost | doubled | unknown |")
    print("|" + "---|" * 6)
    try:
        for name, engine in ENGINES.items():
            if chosen.only in name:
                server = postgres if engine.database == "postgres" else None
                found = await run(engine, chosen.jobs, server)
                print("| " + " | ".join((name, *map(str, found))) + " |", flush=True)
    finally:
        postgres.stop()
    print(f"\n{chosen.jobs} jobs, one kill -9 at half; {processor_is_shared()}")


if __name__ == "__main__":
    asyncio.run(main())
