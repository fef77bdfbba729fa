"""What `transaction` promises, on both engines: all or nothing, whoever is cancelled meanwhile."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, TransactionManagementError

from models.contacts import Contact
from models.counters import Counter
from models.database import (
    close_database,
    connection,
    is_postgres,
    open_database,
    rows,
    sqlite_path,
    transaction,
)
from tests.patience import PATIENCE
from tests.postgres import connect

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


class Refused(Exception):
    """Somebody changed their mind inside a transaction."""


async def contact(name: str) -> Contact:
    return await Contact.create(office_id=1, name=name, created_at=NOW)


async def names() -> list[str]:
    return [contact.name for contact in await Contact.all().order_by("id")]


async def test_a_failure_undoes_everything(database: str) -> None:
    async def work() -> None:
        await contact("one")
        raise Refused

    with pytest.raises(Refused):
        await transaction(work)
    assert await names() == []


async def test_two_hundred_cancelled_callers_leave_both_rows_or_none(database: str) -> None:
    chance = random.Random(5314)
    loop = asyncio.get_running_loop()
    cancelled = 0

    async def pair(n: int) -> None:
        async def work() -> None:
            await contact(f"{n}")
            await contact(f"{n}")

        await transaction(work)

    async with asyncio.timeout(PATIENCE):
        for round_ in range(10):
            tasks = [asyncio.create_task(pair(round_ * 20 + n)) for n in range(20)]
            for task in tasks:
                loop.call_later(chance.uniform(0, 0.02), task.cancel)
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            cancelled += sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)

        await pair(999)  # nothing is wedged
        found = await names()
    assert cancelled > 20, "the storm was no storm"
    assert all(found.count(name) == 2 for name in found)
    assert found.count("999") == 2
    if is_postgres():
        await every_connection_can_be_had(connection()._pool)


async def every_connection_can_be_had(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """None leaked: transactions whose callers are gone end by themselves, then the whole pool is free."""
    async with asyncio.timeout(PATIENCE):
        taken = [await pool.acquire() for _ in range(pool.get_max_size())]
    for one in taken:
        await pool.release(one)


async def test_a_transaction_goes_on_when_its_caller_is_gone_and_closing_waits_for_it(database: str) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        await contact("late")

    caller = asyncio.create_task(transaction(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller

    closing = asyncio.create_task(close_database())
    go_on.set()
    async with asyncio.timeout(PATIENCE):
        await closing

    assert await _count_from_outside(database) == 1


async def _count_from_outside(url: str) -> int:
    path = sqlite_path(url)
    if path is not None:
        with sqlite3.connect(path) as db:
            return int(db.execute("SELECT count(*) FROM contacts").fetchone()[0])
    db = await connect(url)
    try:
        return int(await db.fetchval("SELECT count(*) FROM contacts"))
    finally:
        await db.close()


async def test_inside_another_it_is_part_of_that_one(database: str) -> None:
    async def inner() -> None:
        await contact("inner")

    async def outer() -> None:
        await contact("outer")
        await transaction(inner)
        raise Refused

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Refused):
            await transaction(outer)
    assert await names() == []


async def test_an_inner_failure_undoes_its_own_writes_only(database: str) -> None:
    async def twice_the_same() -> None:
        await contact("undone")
        await Counter.create(office_id=1, name="queue")

    async def outer() -> None:
        await Counter.create(office_id=1, name="queue")
        with pytest.raises(IntegrityError):
            await transaction(twice_the_same)
        await contact("kept")

    async with asyncio.timeout(PATIENCE):
        await transaction(outer)
    assert await names() == ["kept"]


async def test_a_task_that_outlives_its_transaction_cannot_write_through_it(database: str) -> None:
    over = asyncio.Event()
    born: list[asyncio.Task[Contact]] = []

    async def straggler() -> Contact:
        await over.wait()
        return await contact("straggler")

    async def work() -> None:
        born.append(asyncio.create_task(straggler()))
        await contact("kept")

    await transaction(work)

    async def another() -> None:
        over.set()
        with pytest.raises(Exception, match=r"is over|released back to the pool"):
            await born[0]
        raise Refused

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Refused):
            await transaction(another)
    assert await names() == ["kept"]


async def test_a_transaction_of_a_task_born_inside_another_stands_alone(database: str) -> None:
    born: list[asyncio.Task[Contact]] = []

    async def work() -> None:
        born.append(asyncio.create_task(transaction(lambda: contact("own"))))
        await contact("undone")
        raise Refused

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Refused):
            await transaction(work)
        await born[0]
    assert await names() == ["own"]


async def test_what_the_caller_does_beside_it_is_not_in_it(database: str) -> None:
    inside, written = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await contact("undone")
        inside.set()
        if is_postgres():  # SQLite has one connection: the caller's write waits until we are done
            await written.wait()
        raise Refused

    running = asyncio.create_task(transaction(work))
    async with asyncio.timeout(PATIENCE):
        await inside.wait()
        await contact("beside")
        written.set()
        with pytest.raises(Refused):
            await running
    assert await names() == ["beside"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_three_processes_count_in_one_sqlite_file_and_nobody_is_told_it_is_locked(
    database: str,
) -> None:
    await Counter.create(office_id=1, name="queue")
    counting = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.database.counting", database, "60", stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    complaints = [(await process.communicate())[1].decode() for process in counting]

    assert complaints == ["", "", ""]
    assert (await Counter.get(office_id=1, name="queue")).value == 180


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_begin_that_fails_does_not_wedge_the_process(database: str) -> None:
    await rows("PRAGMA busy_timeout=50")
    other = sqlite3.connect(str(sqlite_path(database)), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransactionManagementError, match="locked"):
        await transaction(lambda: contact("never"))
    other.execute("ROLLBACK")
    other.close()

    async with asyncio.timeout(PATIENCE):
        await transaction(lambda: contact("now"))
    assert await names() == ["now"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_server_that_dropped_every_line_leaves_a_pool_that_works(database_url: str) -> None:
    await open_database(f"{database_url}&maxsize=2")
    try:
        for _ in range(3):
            await contact("before")
            apart(terminate_the_others(database_url))
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                await transaction(lambda: contact("never"))
        async with asyncio.timeout(PATIENCE):
            await transaction(lambda: contact("now"))
        assert await names() == ["before", "before", "before", "now"]
    finally:
        await close_database()


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in another thread while our loop stands still, so that it cannot see the line drop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result(PATIENCE)


async def terminate_the_others(url: str) -> None:
    db = await connect(url)
    try:
        await db.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await db.close()
