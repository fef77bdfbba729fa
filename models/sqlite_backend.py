"""Tortoise's SQLite engine with transactions that can wait, fail and end without harm.

- A deferred ``BEGIN`` that reads and then writes fails immediately with "database is locked" when another
  process wrote in between, whatever ``busy_timeout`` says (SQLITE_BUSY_SNAPSHOT).  ``BEGIN IMMEDIATE`` waits.
- Tortoise keeps its lock for ever when ``BEGIN`` itself fails: every later query would hang.
- A transaction that is over still holds the process's one connection: a task born inside it would write into
  somebody else's transaction, and be told it went well.
"""

import asyncio
import sqlite3
from typing import Any

from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

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


client_class = ImmediateSqliteClient
