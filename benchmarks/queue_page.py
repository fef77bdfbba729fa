"""The desk's queue over a million requests, on both engines: times, and how the engine finds the rows.

    python -m benchmarks.queue_page [--requests 1000000]

A page is 50 lines from where the last one ended (keyset).  ``/antrean`` asks for the first 20, for counts by
state and for open questions, and draws what it says: whole, and narrowed to a service and to a kecamatan.
Each is asked as the product asks it.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from benchmarks.load import percentile
from benchmarks.many_rows import OFFICE, fill_requests, opened, plans
from benchmarks.postgres import Postgres
from benchmarks.processes import processor_is_shared
from handlers.operator.queue import tell_queue
from models.database import is_postgres, rows
from models.staff import Role, Staff
from office import queue
from office.context import open_office
from office.queue import QueueLine

PAGE, TIMES = 50, 200


async def first_page() -> list[QueueLine]:
    return await queue.page(PAGE)


async def deep_page() -> list[QueueLine]:
    """One from the middle of the queue."""
    return await queue.page(PAGE, _somewhere)


_somewhere: QueueLine | None = None


async def find_the_middle() -> None:
    global _somewhere  # noqa: PLW0603 - one measure at a time
    lines = await queue.page(10_000)
    _somewhere = lines[len(lines) // 2]


async def oldest_free() -> Any:
    """What ``/ambil`` looks for."""
    return await rows(queue._FREE, (OFFICE, 1))


class Answered:
    """Instead of aiogram's message: what is said to it goes nowhere."""

    async def answer(self, text: str) -> None:
        assert " · " in text, text


def antrean(*words: str) -> Callable[[], Awaitable[None]]:
    """``/antrean`` as staff type it, up to the text of the answer."""
    command: Any = SimpleNamespace(args=" ".join(words))
    message: Any = Answered()
    ani = Staff(id=1, office_id=OFFICE, name="Ani", role=Role.OPERATOR, created_at=datetime.now(UTC))
    return lambda: tell_queue(message, command, ani, datetime.now(UTC))


async def measure(most: int) -> None:
    open_office()
    began = time.perf_counter()
    await fill_requests(most)
    engine = "PostgreSQL" if is_postgres() else "SQLite"
    print(f"\n{engine}, {most:,} requests ({time.perf_counter() - began:.0f} s to fill)")
    await find_the_middle()
    asked: dict[str, tuple[Callable[[], Awaitable[Any]], int]] = {
        "first page of 50": (first_page, TIMES),
        "page of 50 from the middle": (deep_page, TIMES),
        "/ambil: the oldest nobody has": (oldest_free, TIMES),
        "/antrean: counts by state": (queue.summary, TIMES),
        "/antrean, drawn": (antrean(), TIMES),
        "/antrean ktp hilang, drawn": (antrean("ktp", "hilang"), TIMES),
        "/antrean Loaholu, drawn": (antrean("kec.", "Loaholu"), TIMES),
        "/antrean kk Metina, drawn: nothing": (antrean("kk", "Metina"), TIMES),
    }
    for name, (work, times) in asked.items():
        found = await work()
        cpu = time.process_time()
        taken = [await _timed(work) for _ in range(times)]
        cpu = (time.process_time() - cpu) / times * 1e3
        size = f", {len(found)} rows" if isinstance(found, list) else ""
        p50, p95, p99 = (percentile(taken, percent) * 1e3 for percent in (50, 95, 99))
        print(f"  {name}{size}: p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f} ms, CPU {cpu:.2f} ms")
        for plan in await plans(work):
            print("      " + plan.replace("\n", "\n      "))


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--requests", type=int, default=1_000_000)
    most = options.parse_args().requests
    async with opened("sqlite", None):
        await measure(most)
    postgres = Postgres()
    try:
        async with opened("postgres", postgres):
            await measure(most)
    finally:
        postgres.stop()
    print(processor_is_shared())


if __name__ == "__main__":
    asyncio.run(main())
