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


class ImmediateSqliteClient(SqliteClient):
    def _in_transaction(self) -> TransactionContext:
        return ImmediateContext(ImmediateTransaction(self), self._lock)

    async def at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One whole transaction in one visit to the connection's thread, after those that wait before it.

        Not to be cancelled.  Raises: what ``work`` raises, after the rollback.
        """
        async with self._lock:
            if self._connection is None:
                await self.create_connection(with_db=True)
            here: Any = self._connection
            done: T = await here._execute(_whole, here._conn, work)
            return done


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
