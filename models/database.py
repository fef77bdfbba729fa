"""Opening the database, and the one way to run a transaction."""

import asyncio
import contextvars
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from models.fields import NaiveDatetime
from models.offices import current_office, keep_apart

T = TypeVar("T")

AWAY: tuple[type[Exception], ...] = (
    OSError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
"""What a database raises that is down, going down or busy: waiting helps, no message is to blame."""

MODEL_MODULES = (
    "models.contacts",
    "models.files",
    "models.inbox",
    "models.quarantine",
    "models.outbox",
    "models.early_receipts",
    "models.templates",
    "models.fsm",
    "models.counters",
    "models.staff",
    "models.requests",
    "models.forms",
    "models.calls",
    "models.workers",
    "models.audit",
    "models.keys",
    "models.retention",
    "models.rights",
    "models.broadcasts",
    "models.console",
    "models.batches",
)
SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 15_000,
    "cache_size": -65_536,
    # pages, 128 MB: only where `models.checkpoints` does not get through
    "wal_autocheckpoint": 32_000,
    "secure_delete": "ON",  # what was deleted is overwritten in its pages, not only unlinked
    "journal_size_limit": 134_217_728,  # a log that is cut short has to grow again: twice the time
}
CONNECT_WITHIN = 5.0  # seconds, for a server that takes connections and hangs
STATEMENT_WITHIN = 5.0  # seconds, for a server that works
ANSWER_WITHIN = STATEMENT_WITHIN + 0.5  # seconds, for one that hangs


@dataclass(frozen=True, slots=True)
class _Opened:
    """The one database of this process."""

    url: str
    alias: str
    context: TortoiseContext
    client: BaseDBAsyncClient  # outside any transaction
    running: set[asyncio.Task[Any]] = field(default_factory=set)  # their callers may be gone


_opened: _Opened | None = None
_home: contextvars.ContextVar[asyncio.Task[Any] | None] = contextvars.ContextVar("transaction", default=None)


def sqlite_path(url: str) -> Path | None:
    """The file behind a ``sqlite://`` URL (``sqlite://data/x.db``: relative), or None elsewhere."""
    return Path(url.removeprefix("sqlite://")) if url.startswith("sqlite://") else None


def connection_settings(url: str) -> dict[str, Any]:
    """Tortoise's connection entry for ``sqlite://PATH`` or ``postgres://USER:PASSWORD@HOST:PORT/NAME``.

    A ``?host=/path`` in a PostgreSQL URL is the folder of its Unix socket; ``maxsize``, ``statement_timeout``
    and ``transaction_timeout`` (milliseconds, 0: none) may stand there, too.
    """
    path = sqlite_path(url)
    if path is not None:
        return {"engine": "models.sqlite_backend", "credentials": {"file_path": str(path), **SQLITE_PRAGMAS}}
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    patience = int(query.get("statement_timeout", STATEMENT_WITHIN * 1000))
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": query.get("host") or parts.hostname or "localhost",
            "port": parts.port or 5432,
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password) if parts.password else None,
            "database": unquote(parts.path.lstrip("/")),
            "minsize": 1,
            "maxsize": int(query.get("maxsize", 10)),
            "timeout": CONNECT_WITHIN,
            "command_timeout": ANSWER_WITHIN if patience else None,
            "init": partial(_limit_transactions, milliseconds=query.get("transaction_timeout", "20000")),
            "reset": _leave_as_it_is,
            "server_settings": {
                "statement_timeout": str(patience),
                "lock_timeout": "4000",  # before the statement's: it says whose fault it is
                "idle_in_transaction_session_timeout": "10000",
            },
        },
    }


async def _limit_transactions(connection: "asyncpg.Connection[asyncpg.Record]", *, milliseconds: str) -> None:
    """A process that was put to sleep amid a query holds its locks for ever: no other time-out counts that.

    PostgreSQL knows this one since 17; older servers are left as they are.
    """
    known = "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'transaction_timeout'"
    await connection.execute(known, milliseconds)


async def _leave_as_it_is(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Nobody here changes a session: asking the server to reset it costs a round trip with every query."""


def orm_settings(url: str) -> dict[str, Any]:
    """Tortoise's whole configuration.

    The connection is named after the engine: Tortoise caches SQL by that name, and a process that saw both
    engines under one name sends SQLite's ``?`` to PostgreSQL.
    """
    alias = "postgres" if sqlite_path(url) is None else "sqlite"
    return {
        "connections": {alias: connection_settings(url)},
        "apps": {"models": {"models": list(MODEL_MODULES), "default_connection": alias}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_database(url: str) -> None:
    """Open the connections, for every task and context of this process.

    Raises: RuntimeError when a database is open already.
    """
    global _opened  # noqa: PLW0603 - one database per process, like Tortoise itself
    if _opened is not None:
        raise RuntimeError("a database is open already")
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    settings = orm_settings(url)
    alias = next(iter(settings["connections"]))
    context = TortoiseContext()
    # Left again at once: web handlers and tests run in contexts born before this one, and find it globally.
    with context:
        await context.init(config=settings, _enable_global_fallback=True)
    keep_apart(model for app in (context.apps or {}).values() for model in app.values())
    _opened = _Opened(url, alias, context, context.db(alias))


async def close_database() -> None:
    """Wait for running transactions, then close every connection.

    Without it aiosqlite's thread keeps the process alive.
    """
    global _opened
    if _opened is None:
        return
    if _opened.running:
        await asyncio.wait(_opened.running)
    context, _opened = _opened.context, None
    await context.close_connections()


def _the_database() -> _Opened:
    if _opened is None:
        raise RuntimeError("open_database() first")
    return _opened


def connection() -> BaseDBAsyncClient:
    """The connection of the running transaction, or the plain one outside any."""
    return get_connections().get(_the_database().alias)


def the_client() -> BaseDBAsyncClient:
    """The engine's own client, outside any transaction."""
    return _the_database().client


def database_url() -> str:
    """As it was given to `open_database`."""
    return _the_database().url


def is_postgres() -> bool:
    return _the_database().alias == "postgres"


async def transaction(work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work`` in one transaction: all of it is committed, or none.

    It runs in a task of its own, shielded: a cancelled caller can neither wedge SQLite's lock nor leak a
    pooled connection; what was begun is finished.  Inside another transaction it is a savepoint of that one:
    its failure undoes its own writes only.  Network calls do not belong inside, nor does ``create_task``:
    a task that outlives the transaction it was born in may not write through it, and is told so.
    Raises: whatever ``work`` raises, after the rollback.
    """
    if _home.get() is asyncio.current_task():
        async with in_transaction():
            return await work()
    opened = _the_database()

    async def run() -> T:
        _home.set(asyncio.current_task())
        get_connections().set(opened.alias, opened.client)  # never the transaction our creator stood in
        async with in_transaction():
            return await work()

    task = asyncio.create_task(run())
    opened.running.add(task)
    task.add_done_callback(opened.running.discard)
    return await asyncio.shield(task)


_PLACEHOLDER = re.compile(r"\$(\d+)")


def _bound(value: Any, *, as_text: bool) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise NaiveDatetime("a parameter of rows()")
    return value.astimezone(UTC).isoformat(" ") if as_text else value


async def rows(query: str, values: Sequence[Any] = ()) -> Sequence[Mapping[str, Any]]:
    """Run one statement written with ``$1`` placeholders, on either engine; its rows as mappings.

    Datetimes come back as the engine keeps them (text on SQLite): read rows through models where they matter.
    Raises: NaiveDatetime.
    """
    here = connection()
    on_sqlite = here.capabilities.dialect == "sqlite"
    bound = [_bound(value, as_text=on_sqlite) for value in values]
    return await here.execute_query_dict(_PLACEHOLDER.sub(r"?\1", query) if on_sqlite else query, bound)


async def leave_no_trace() -> bool:
    """Empty SQLite's log, where pages still stand as they were before something was deleted.

    False: somebody was reading; to be tried again.  PostgreSQL looks after its own.
    """
    client: Any = the_client()
    return is_postgres() or bool(await client.empty_log())


async def amend(
    table: str, ids: Sequence[int], changes: Mapping[str, Any], only_if: Mapping[str, Any] | None = None
) -> int:
    """Set columns of the rows with these ids, where ``only_if`` still holds; how many were changed.

    One plain UPDATE without the ORM's query building: for what happens with every message.  ``table`` and the
    column names are ours, never input.  Where it is the matter of one office, so are the rows.
    """
    office_id = current_office()
    held_to = {**(only_if or {}), **({} if office_id is None else {"office_id": office_id})}
    values: list[Any] = []

    def bound(value: Any) -> str:
        values.append(getattr(value, "value", value))
        return f"${len(values)}"

    columns = ", ".join(f"{name} = {bound(value)}" for name, value in changes.items())
    places = ", ".join(bound(one) for one in ids)
    held = "".join(f" AND {name} = {bound(value)}" for name, value in held_to.items())
    changed = await rows(f"UPDATE {table} SET {columns} WHERE id IN ({places}){held} RETURNING id", values)  # noqa: S608
    return len(changed)
