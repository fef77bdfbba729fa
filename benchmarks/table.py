"""``make bench``: one table, one run.  Loket beside peers from PyPI, in interleaved rounds.

    python -m benchmarks.table                         # all, 3 rounds
    python -m benchmarks.table --only Loket --rounds 5 # those whose name contains it, and plain aiogram

CPU is the bot's own and its database's, from ``/proc``: the figure that holds on a noisy machine.  A lost,
doubled, wrong or refused message, or a traceback in the bot's log, fails the run.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import BASE, CONTENDERS, Contender
from benchmarks.load import Load, Result, percentile
from benchmarks.postgres import Postgres
from benchmarks.processes import (
    BOT_PROCESSOR,
    LOAD_PROCESSOR,
    Bot,
    cpu_seconds,
    free_port,
    megabytes,
    processor_is_shared,
    stay_on,
)

PEOPLE, RATE, WARM = 32, 200.0, 150  # talking at once; messages a second; said before anything is counted


@dataclass(frozen=True, slots=True)
class Round:
    """One bot, once.  CPU in µs a message, memory in MB, the start in seconds."""

    bot_cpu: float
    database_cpu: float
    closed: Result
    opened: Result
    start: float
    idle: float
    peak: float
    tracebacks: int

    @property
    def cpu(self) -> float:
        return self.bot_cpu + self.database_cpu

    @property
    def bad(self) -> int:
        return self.closed.bad + self.opened.bad + self.tracebacks


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="", help="part of a name; several with commas")
    options.add_argument("--scale", type=float, default=1.0, help="factor on the messages of a round")
    options.add_argument("--open-seconds", type=float, default=5.0)
    chosen = options.parse_args()
    wanted = {
        name: one
        for name, one in CONTENDERS.items()
        if name == BASE or any(part.strip() in name for part in chosen.only.split(","))
    }
    stay_on(LOAD_PROCESSOR)
    measured: dict[str, list[Round]] = {name: [] for name in wanted}
    postgres = Postgres() if any(one.database == "postgres" for one in wanted.values()) else None
    if postgres is not None:
        stay_on(BOT_PROCESSOR, postgres.pid)
    try:
        for number in range(chosen.rounds):
            for name in random.sample(list(wanted), len(wanted)):
                one = asyncio.run(measure(wanted[name], postgres, chosen.scale, chosen.open_seconds))
                measured[name].append(one)
                line = f"round {number + 1}: {name}: {one.cpu:.0f} µs, {one.bad} bad"
                print(line, file=sys.stderr, flush=True)
    finally:
        if postgres is not None:
            postgres.stop()
    print(table(measured))
    return int(any(one.bad for rounds in measured.values() for one in rounds))


async def measure(who: Contender, postgres: Postgres | None, scale: float, open_seconds: float) -> Round:
    load, port = Load(who.channel), free_port()
    provider = await load.provider.open()
    with tempfile.TemporaryDirectory() as folder:
        url = await asyncio.to_thread(_database, who, postgres)
        env = who.env(Path(folder), port, provider, url)
        bot = Bot(who.command(), env, Path(folder, "log"))
        try:
            ready = f"http://127.0.0.1:{port}{'/readyz' if who.loket else '/'}"
            start = await asyncio.to_thread(bot.ready, ready)
            idle, webhook = megabytes(bot.pid), who.webhook(port)
            await load.closed(webhook, WARM, PEOPLE)
            bots, databases = cpu_seconds(bot.pid), _database_cpu(who, postgres)
            closed = await load.closed(webhook, int(who.messages * scale), PEOPLE)
            bots, databases = cpu_seconds(bot.pid) - bots, _database_cpu(who, postgres) - databases
            opened = await load.open(webhook, int(RATE * open_seconds), RATE)
            peak, raised = (
                megabytes(bot.pid, "VmHWM"),
                bot.tracebacks,
            )  # what it says as it stops is no matter
        finally:
            await asyncio.to_thread(bot.stop)
            load.provider.close()
        each = 1e6 / closed.messages
        return Round(bots * each, databases * each, closed, opened, start, idle, peak, raised)


def _database(who: Contender, postgres: Postgres | None) -> str:
    """A fresh database for this round, migrated if it is Loket's; empty for SQLite, which makes itself."""
    if who.database != "postgres" or postgres is None:
        return ""
    url = postgres.fresh()
    if who.loket:
        from models.migrate import migrate  # noqa: PLC0415 - peers need none of ours

        asyncio.run(migrate(url))
    return url


def _database_cpu(who: Contender, postgres: Postgres | None) -> float:
    return cpu_seconds(postgres.pid) if who.database == "postgres" and postgres is not None else 0.0


def table(measured: dict[str, list[Round]]) -> str:
    lines = [
        "| | keeps | CPU µs/message (bot + database) | of plain aiogram (least..most) | replies/s "
        f"| ack p50 / p99 ms, {PEOPLE} at once | ack p50 / p99 ms, {RATE:.0f}/s | reply p99 ms, {RATE:.0f}/s "
        "| MB idle / peak | start s | lost doubled wrong refused raised |",
        "|" + "---|" * 11,
    ]
    for name, rounds in measured.items():
        ratios = [mine.cpu / base.cpu for mine, base in zip(rounds, measured[BASE], strict=True)]
        cells = (
            name,
            CONTENDERS[name].keeps,
            _cpu(rounds),
            f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}..{max(ratios):.2f})",
            f"{middle(rounds, lambda r: r.closed.messages / r.closed.seconds):.0f}",
            _p50_p99(rounds, lambda r: r.closed.acks),
            _p50_p99(rounds, lambda r: r.opened.acks),
            f"{middle(rounds, lambda r: percentile(r.opened.replies, 99)) * 1e3:.1f}",
            f"{middle(rounds, lambda r: r.idle):.0f} / {middle(rounds, lambda r: r.peak):.0f}",
            f"{middle(rounds, lambda r: r.start):.2f}",
            " ".join(str(sum(_bad(one)[at] for one in rounds)) for at in range(5)),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join((*lines, "", f"{processor_is_shared()}; {time.strftime('%d %B %Y')}"))


def middle(rounds: list[Round], value: Callable[[Round], float]) -> float:
    return statistics.median(value(one) for one in rounds)


def _cpu(rounds: list[Round]) -> str:
    whole = f"{middle(rounds, lambda r: r.cpu):.0f}"
    if not rounds[0].database_cpu:
        return whole
    bot, database = middle(rounds, lambda r: r.bot_cpu), middle(rounds, lambda r: r.database_cpu)
    return f"{whole} ({bot:.0f} + {database:.0f})"


def _p50_p99(rounds: list[Round], values: Callable[[Round], list[float]]) -> str:
    p50, p99 = (middle(rounds, lambda r, p=p: percentile(values(r), p)) * 1e3 for p in (50, 99))
    return f"{p50:.1f} / {p99:.1f}"


def _bad(one: Round) -> tuple[int, ...]:
    both = one.closed, one.opened
    sums = (sum(getattr(r, what) for r in both) for what in ("lost", "doubled", "wrong", "refused"))
    return (*sums, one.tracebacks)


if __name__ == "__main__":
    began = time.perf_counter()
    code = main()
    print(f"{time.perf_counter() - began:.0f} s in all")
    sys.exit(code)
