"""Opening the database, and the one way to run a transaction."""

import asyncio
import contextvars
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

T = TypeVar("T")

MODEL_MODULES = (
    "models.contacts",
    "models.files",
    "models.inbox",
    "models.outbox",
    "models.fsm",
    "models.web",
    "models.counters",
    "models.staff",
    "models.requests",
    "models.forms",
)
SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 15_000,
    "cache_size": -65_536,
    "wal_autocheckpoint": 4_000,
}

_root: contextvars.Context | None = None


def sqlite_path(url: str) -> Path | None:
    """The file behind a ``sqlite://`` URL (``sqlite://data/x.db``: relative), or None elsewhere."""
    return Path(url.removeprefix("sqlite://")) if url.startswith("sqlite://") else None


def connection_settings(url: str) -> dict[str, Any]:
    """Tortoise's connection entry for ``sqlite://PATH`` or ``postgres://USER:PASSWORD@HOST:PORT/NAME``.

    A ``?host=/path`` in a PostgreSQL URL is the folder of its Unix socket.
    """
    path = sqlite_path(url)
    if path is not None:
        return {"engine": "models.sqlite_backend", "credentials": {"file_path": str(path), **SQLITE_PRAGMAS}}
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": query.get("host") or parts.hostname or "localhost",
            "port": parts.port or 5432,
            "user": parts.username or "postgres",
            "password": parts.password,
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": int(query.get("maxsize", 10)),
            "server_settings": {
                "statement_timeout": query.get("statement_timeout", "5000"),
                "idle_in_transaction_session_timeout": "10000",
            },
        },
    }


async def open_database(url: str) -> None:
    """Open the connections.  Every later transaction runs in a copy of this moment's context."""
    global _root  # noqa: PLW0603 - one database per process, like Tortoise itself
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    await Tortoise.init(
        config={
            "connections": {"default": connection_settings(url)},
            "apps": {"models": {"models": list(MODEL_MODULES), "default_connection": "default"}},
            "use_tz": True,
            "timezone": "UTC",
        }
    )
    _root = contextvars.copy_context()


async def close_database() -> None:
    """Close every connection; without it aiosqlite's thread keeps the process alive."""
    global _root  # noqa: PLW0603
    _root = None
    await Tortoise.close_connections()


def connection() -> BaseDBAsyncClient:
    """The connection of the running transaction, or the plain one outside any."""
    return get_connections().get("default")


def is_postgres() -> bool:
    return connection().capabilities.dialect == "postgres"


async def transaction(work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work`` in one transaction: all of it is committed, or none.

    It runs in a task of its own, shielded, in a copy of the root context: a cancelled caller can neither
    wedge SQLite's lock nor leak a pooled connection, and a task started by the caller never inherits a
    transaction that is over.  Network calls do not belong inside.
    Raises: whatever ``work`` raises, after the rollback.
    """
    if _root is None:
        raise RuntimeError("open_database() first")

    async def run() -> T:
        async with in_transaction():
            return await work()

    context = _root.copy()
    return await asyncio.shield(asyncio.get_running_loop().create_task(run(), context=context))


_PLACEHOLDER = re.compile(r"\$(\d+)")


def _bound(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return value


async def rows(query: str, values: Sequence[Any] = ()) -> Sequence[Mapping[str, Any]]:
    """Run one statement written with ``$1`` placeholders, on either engine; its rows as mappings.

    Datetimes come back as the engine keeps them (text on SQLite): read rows through models where they matter.
    """
    here = connection()
    if here.capabilities.dialect == "sqlite":
        return await here.execute_query_dict(_PLACEHOLDER.sub(r"?\1", query), [_bound(v) for v in values])
    return await here.execute_query_dict(query, list(values))
