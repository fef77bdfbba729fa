"""Delivery's claim with 100,000 rows waiting among a million, on both engines: times and plans.

    python -m benchmarks.claim [--rows 1000000]

Each claim takes what one look of delivery takes (8 answers, 40 notices), by the same call: one statement,
which is committed, to the disk.  What it took is then marked as sent, outside the time.
"""

import argparse
import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta

from benchmarks.load import percentile
from benchmarks.many_rows import OFFICE, fill_outbox, opened, plans
from benchmarks.postgres import Postgres
from benchmarks.processes import processor_is_shared
from bot import claims
from models.database import amend, is_postgres, rows
from models.outbox import OutboxState

TIMES = 300
ROOMS = {
    ("whatsapp", "1"): claims.Room(office_id=OFFICE, replies=8, notices=40),
    ("telegram", "2"): claims.Room(office_id=OFFICE, replies=64, notices=48),  # where nothing waits
}


async def measure(most: int) -> None:
    began = time.perf_counter()
    await fill_outbox(most)
    waiting = (await rows("SELECT count(*) AS n FROM outbox WHERE state = 'queued'"))[0]["n"]
    engine = "PostgreSQL" if is_postgres() else "SQLite"
    print(f"\n{engine}: {waiting:,} waiting among {most:,} ({time.perf_counter() - began:.0f} s to fill)")
    taken: list[float] = []
    claimed: list[int] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        mine = await claim()
        taken.append(time.perf_counter() - began)
        claimed += mine
        await amend("outbox", mine, {"state": OutboxState.SENT})
    assert len(claimed) == len(set(claimed)), "a row was claimed twice"
    p50, p99 = (percentile(taken, percent) * 1e3 for percent in (50, 99))
    print(f"  {TIMES} claims took {len(claimed):,} rows: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    now = datetime.now(UTC)
    for plan in await plans(lambda: claims.claim(ROOMS, "bench", now, now)):
        print("      " + plan.replace("\n", "\n      "))


async def claim() -> list[int]:
    now = datetime.now(UTC)
    token = secrets.token_hex(8)
    return await claims.claim(ROOMS, token, now + timedelta(seconds=45), now)


async def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rows", type=int, default=1_000_000)
    most = options.parse_args().rows
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
