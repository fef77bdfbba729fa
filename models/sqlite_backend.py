"""Tortoise's SQLite engine with transactions that can wait, fail and end without harm.

- A deferred ``BEGIN`` that reads and then writes fails immediately with "database is locked" when another
  process wrote in between, whatever ``busy_timeout`` says (SQLITE_BUSY_SNAPSHOT).  ``BEGIN IMMEDIATE`` waits.
- Tortoise keeps its lock for ever when ``BEGIN`` itself fails: every later query would hang.
- A transaction that is over still holds the process's one connection: a task born inside it would write into
  somebody else's transaction, and be told it went well.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

from models.checkpoints import Checkpoints

T = TypeVar("T")

LOCK_WAIT = (
    30  # seconds a transaction waits for its turn; for ever would hide a transaction that waits for itself
)


class ImmediateTransaction(SqliteTransactionWrapper):
    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        if self._finalized:
            raise TransactionManagementError("the transaction this task was born in is over")
        return super().acquire_connection()

    def _in_transaction(self) -> TransactionContext:
        if self._finalized:
            raise TransactionManagementError("the transaction this task was born in is over")
        return NestedTransactionContext(ImmediateTransaction(self))


class ImmediateContext(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        try:
            async with asyncio.timeout(LOCK_WAIT):
                await self._trxlock.acquire()
        except TimeoutError as error:
            raise OperationalError("another transaction of this process did not end") from error
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        client: TransactionalDBClient = self.connection
        return client


class _Turn(asyncio.Lock):
    """Whose turn it is to use the connection; ``on_end`` is told when it is the next one's."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._on_end = on_end

    def release(self) -> None:
        super().release()
        self._on_end()


class ImmediateSqliteClient(SqliteClient):
    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self.checkpoints = Checkpoints(file_path, self._changed, self._in_turn)
        self._lock = _Turn(self.checkpoints.look)

    async def close(self) -> None:
        await self.checkpoints.ended()
        await super().close()

    def _changed(self) -> int:
        return self._connection.total_changes if self._connection is not None else 0

    def _in_transaction(self) -> TransactionContext:
        return ImmediateContext(ImmediateTransaction(self), self._lock)

    async def at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One whole transaction in one visit to the connection's thread, after those that wait before it.

        Not to be cancelled.  Raises: what ``work`` raises, after the rollback.
        """
        return await self._in_turn(lambda db: _whole(db, work))

    async def empty_log(self) -> bool:
        """Bring the whole write-ahead log into the database, and cut it to nothing.

        False where another connection reads or writes just now: nobody waits for it.
        """
        return not await self._in_turn(_empty_log)

    async def _in_turn(self, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._lock:
            if self._connection is None:
                await self.create_connection(with_db=True)
            here: Any = self._connection
            done: T = await here._execute(work, here._conn)
            return done


def _empty_log(db: sqlite3.Connection) -> int:
    """SQLite's word: 1 where it was busy."""
    (patience,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0")
    try:
        return int(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(patience)}")


def _whole(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    db.execute("BEGIN IMMEDIATE")
    try:
        done = work(db)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return done


client_class = ImmediateSqliteClient
