"""How long `run.py audit verify` takes over a million rows, on both engines.

    python -m benchmarks.audit [ROWS]

The rows are made by the code that seals them in the office, and put in as a restore would put them.
"""

import asyncio
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.postgres import Postgres
from models.database import close_database, open_database
from models.migrate import migrate
from office.audit_chain import BEFORE_ALL, Row, mac_of, moment, seal_of
from office.audit_check import check
from office.context import AuditMeans, open_office

ROWS = 1_000_000
BATCH = 20_000
COLUMNS = ("office_id", "seq", "at", "actor", "role", "action", "object", "reason", "mac")
START = datetime(2026, 1, 2, 1, 0, tzinfo=UTC)


def rows(key: bytes, office_id: int, count: int) -> Iterator[tuple[Any, ...]]:
    before = BEFORE_ALL
    for seq in range(1, count + 1):
        at = START + timedelta(seconds=seq)
        row = Row(
            office_id,
            seq,
            moment(at),
            f"staff:{seq % 12}",
            "operator",
            "dossier_opened",
            f"request:{seq}",
            "",
        )
        before = mac_of(key, before, row)
        yield (office_id, seq, at, row.actor, row.role, row.action, row.object, row.reason, before)


def fill_sqlite(path: Path, key: bytes, office_id: int, count: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        marks = ", ".join("?" for _ in COLUMNS)
        last = (0, "")
        for row in rows(key, office_id, count):
            db.execute(
                f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608 - names of ours
                (*row[:2], moment(row[2]), *row[3:]),
            )
            last = (row[1], row[-1])
        seal = seal_of(key, office_id, *last)
        db.execute(
            "INSERT INTO audit_heads (office_id, seq, mac, seal) VALUES (?, ?, ?, ?)",
            (office_id, *last, seal),
        )
        db.execute("COMMIT")


async def fill_postgres(server: Postgres, key: bytes, office_id: int, count: int) -> None:
    db = await server.connect("bench")
    batch: list[tuple[Any, ...]] = []
    last = (0, "")
    for row in rows(key, office_id, count):
        batch.append(row)
        last = (row[1], row[-1])
        if len(batch) == BATCH or row[1] == count:
            await db.copy_records_to_table("audit", records=batch, columns=COLUMNS)
            batch.clear()
    await db.execute(
        "INSERT INTO audit_heads (office_id, seq, mac, seal) VALUES ($1, $2, $3, $4)",
        office_id, *last, seal_of(key, office_id, *last),
    )  # fmt: skip
    await db.execute("ANALYZE audit")
    await db.close()


async def measure(url: str, engine: str, count: int, here: Any) -> None:
    await open_database(url)
    began = time.perf_counter()
    found = await check(here)
    took = time.perf_counter() - began
    await close_database()
    assert found.rows == count
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{engine:<9} {count:>9,} rows {took:6.1f} s  {count / took:>9,.0f} rows/s  peak {memory:.0f} MB")


async def main(count: int) -> None:
    key = bytes(range(32))
    here = open_office(audit=AuditMeans(lambda: key))
    print(f"load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loket.db"
        await migrate(f"sqlite://{path}")
        fill_sqlite(path, key, here.office_id, count)
        await measure(f"sqlite://{path}", "SQLite", count, here)
    server = Postgres()
    try:
        url = await server.fresh_here()
        await migrate(url)
        await fill_postgres(server, key, here.office_id, count)
        await measure(url, "Postgres", count, here)
    finally:
        server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
