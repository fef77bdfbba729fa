"""What sharing costs: the same messages through one process of ``run.py host``, and through three.

    python -m benchmarks.replicas [--rounds 3] [--messages 1500] [--people 32] [--channel telegram]

All on one PostgreSQL; webhooks go to the processes in turn, whoever they are about, as a balancer sends them:
two of three messages of a known person reach a process that does not hold their conversation.  CPU is that of
all Loket processes, and PostgreSQL's, a message; the ratio is of one round, whose parts come in any order.
"""

import argparse
import asyncio
import itertools
import random
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.contenders import CONTENDERS
from benchmarks.load import Load, Result, percentile
from benchmarks.postgres import Postgres
from benchmarks.processes import (
    BOT_PROCESSOR,
    LOAD_PROCESSOR,
    Bot,
    cpu_seconds,
    free_port,
    processor_is_shared,
    stay_on,
)
from benchmarks.rawhttp import Client
from models.division import PARTITIONS
from models.migrate import migrate

COUNTS: Final = (1, 3)
WARM = 300  # messages before anything is counted
PATIENCE: Final = 30.0  # seconds until every process holds its part


class InTurn(Load):
    """Each person's next webhook goes to the next process."""

    def __init__(self, channel: str, urls: list[str]) -> None:
        super().__init__(channel)
        self._urls = urls
        self._begins = itertools.count()

    def client(self, url: str) -> Client:
        clients = [Client(one) for one in self._urls]
        return _Turning(clients, next(self._begins) % len(clients))


class _Turning(Client):
    def __init__(self, clients: list[Client], begin: int) -> None:
        self._clients = clients
        self._turn = itertools.cycle([*clients[begin:], *clients[:begin]])

    async def post(self, body: bytes, headers: bytes) -> int:
        return await next(self._turn).post(body, headers)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@dataclass(frozen=True, slots=True)
class Run:
    """So many processes, once.  CPU in µs a message."""

    loket: float
    database: float
    result: Result
    tracebacks: int


async def measure(count: int, postgres: Postgres, channel: str, messages: int, people: int) -> Run:
    name = f"Loket, {'Telegram' if channel == 'telegram' else 'WhatsApp'}, PostgreSQL"
    who, ports = CONTENDERS[name], [free_port() for _ in range(count)]
    load = InTurn(channel, [who.webhook(port) for port in ports])
    provider, url = await load.provider.open(), await postgres.fresh_here()
    await migrate(url)
    with tempfile.TemporaryDirectory() as folder:
        bots: list[Bot] = []
        try:
            for port in ports:
                home = Path(folder, str(port))
                home.mkdir()
                bots.append(Bot(who.command(), who.env(home, port, provider, url), home / "log"))
                await asyncio.to_thread(bots[-1].ready, f"http://127.0.0.1:{port}/readyz")
            await shared(postgres, count)
            await load.closed("", WARM, people)
            before, databases = sum(cpu_seconds(bot.pid) for bot in bots), cpu_seconds(postgres.pid)
            result = await load.closed("", messages, people)
            each = 1e6 / result.messages
            loket = (sum(cpu_seconds(bot.pid) for bot in bots) - before) * each
            database = (cpu_seconds(postgres.pid) - databases) * each
            return Run(loket, database, result, sum(bot.tracebacks for bot in bots))
        finally:
            for bot in bots:
                await asyncio.to_thread(bot.stop)
            load.provider.close()


async def shared(postgres: Postgres, count: int) -> None:
    """Returns when each process holds its part.  Raises: TimeoutError."""
    db = await postgres.connect("bench")
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                held = await db.fetch(
                    "SELECT count(*) FROM partitions WHERE worker IS NOT NULL GROUP BY worker"
                )
                if [row[0] for row in held] == [PARTITIONS // count] * count:
                    return
                await asyncio.sleep(0.1)
    finally:
        await db.close()


def line(count: int, runs: list[Run], ones: list[Run]) -> str:
    ratios = [run.loket / one.loket for run, one in zip(runs, ones, strict=True)]
    acks = [percentile(run.result.acks, 50) * 1e3 for run in runs]
    cells = (
        count,
        f"{statistics.median(run.loket for run in runs):,.0f}",
        f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}..{max(ratios):.2f})",
        f"{statistics.median(run.database for run in runs):,.0f}",
        f"{statistics.median(acks):.1f}",
        sum(run.result.bad + run.tracebacks for run in runs),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--messages", type=int, default=1_500)
    options.add_argument("--people", type=int, default=32, help="who talk at once, to all processes together")
    options.add_argument("--channel", choices=("telegram", "whatsapp"), default="telegram")
    chosen = options.parse_args()
    stay_on(LOAD_PROCESSOR)
    postgres = Postgres()
    stay_on(BOT_PROCESSOR, postgres.pid)
    runs: dict[int, list[Run]] = {count: [] for count in COUNTS}
    try:
        for number in range(chosen.rounds):
            for count in random.sample(COUNTS, len(COUNTS)):
                one = asyncio.run(measure(count, postgres, chosen.channel, chosen.messages, chosen.people))
                runs[count].append(one)
                told = f"{count}: {one.loket:.0f} + {one.database:.0f} µs, {one.result.bad} bad"
                print(f"round {number + 1}: {told}", file=sys.stderr, flush=True)
    finally:
        postgres.stop()
    print("| processes | Loket's CPU µs/message | of one process | PostgreSQL's | ack p50 ms | bad |")
    print("|" + "---|" * 6)
    for count in COUNTS:
        print(line(count, runs[count], runs[COUNTS[0]]))
    print(f"\n{processor_is_shared()}")
    return int(any(run.result.bad + run.tracebacks for several in runs.values() for run in several))


if __name__ == "__main__":
    sys.exit(main())
