"""A million rows in a few statements, the same on both engines; and how a query is carried out."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.postgres import Postgres
from models.database import close_database, connection, is_postgres, open_database, rows, the_client
from models.migrate import migrate
from models.requests import Request
from models.sealing import held
from models.sealing.keys import Keys
from models.sqlite_backend import ImmediateSqliteClient

OFFICE: Final = 5314
PEOPLE: Final = 50_000
BEGINS: Final = "2025-01-01 00:00:00+00:00"

_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"

_CONTACTS = """INSERT INTO contacts (office_id, name, language, created_at)
{counted} SELECT {office}, 'Warga', 'id', {at} FROM n"""

_REQUESTS = """INSERT INTO requests (office_id, number, queue_number, service, state, channel, account,
    nik_flags, subject_name, village_code, created_at, submitted_at, changed_at, contact_id)
{counted} SELECT CASE WHEN i % 2 = 0 THEN {office} ELSE 1100 + i % 513 END,
    CAST(100000000 + i AS VARCHAR(9)), i,
    CASE WHEN i / 500 % 3 = 0 THEN 'KTP_HILANG' ELSE 'AKTA_LAHIR' END, CASE WHEN i % 250 = 0 THEN 'submitted'
    WHEN i % 251 = 0 THEN 'in_process' WHEN i % 41 = 0 THEN 'cancelled' ELSE 'closed' END,
    'whatsapp', '1', '', NULL,
    CASE WHEN i / 500 % 5 = 0 THEN '53.14.02.1008' ELSE '53.14.11.2001' END, {at}, {at}, {at},
    1 + i % {people} FROM n"""

_OUTBOX = """INSERT INTO outbox (office_id, channel, account, kind, name, payload, state, due_at, attempts,
    receipt, created_at, sent_at, contact_id)
{counted} SELECT {office}, 'whatsapp', '1', CASE WHEN i % 100 = 0 THEN 'reply' ELSE 'notice' END,
    'ready_for_pickup', '{{}}', CASE WHEN i % 10 = 0 THEN 'queued' ELSE 'sent' END, {at}, 0, 0,
    {at}, CASE WHEN i % 10 = 0 THEN NULL ELSE {at} END, 1 + (i / 10 * 7919 + i) % {people} FROM n"""


def _at() -> str:
    """A time that goes with ``i``, a second each."""
    if is_postgres():
        return f"(timestamptz '{BEGINS}' + i * interval '1 second')"
    return "datetime('2025-01-01', i || ' seconds') || '+00:00'"


async def _fill(template: str, most: int) -> None:
    counted = _COUNTED.format(most=most)
    await rows(template.format(counted=counted, at=_at(), office=OFFICE, people=PEOPLE))


async def fill_requests(most: int) -> None:
    """Half of them are one office's; of those one in 125 is under way."""
    await _fill(_CONTACTS, PEOPLE)
    await _fill(_REQUESTS, most)
    await _seal_the_names()
    await _settle()


async def _seal_the_names() -> None:
    """Of the requests that the desk may look at; the others' are not read."""
    under_way = await Request.filter(office_id=OFFICE, state__in=("submitted", "in_process")).only(
        "id", "number"
    )
    for request in under_way:
        request.office_id = OFFICE
        name = request.sealed(subject_name="Maria Adu")["subject_name"]
        await rows(
            "UPDATE requests SET subject_name = $1 WHERE office_id = $2 AND id = $3",
            [name, OFFICE, request.id],
        )


async def fill_outbox(most: int) -> None:
    """Every tenth waits, two to a person; of a hundred messages one is an answer."""
    await _fill(_CONTACTS, PEOPLE)
    await _fill(_OUTBOX, most)
    await _settle()


async def _settle() -> None:
    """What soon happens by itself after so much was written."""
    client = the_client()
    if isinstance(client, ImmediateSqliteClient):
        await client.checkpoints.ended()
        await asyncio.to_thread(os.sync)
    else:  # SQLite has no statistics, and none are made in service
        await rows("VACUUM ANALYZE")


@contextlib.asynccontextmanager
async def opened(engine: str, postgres: Postgres | None) -> AsyncIterator[None]:
    """A fresh, migrated database of this engine, open for the models."""
    with tempfile.TemporaryDirectory() as folder:
        url = await postgres.fresh_here() if postgres is not None else f"sqlite://{Path(folder)}/many.db"
        await migrate(url)
        query = "&statement_timeout=0&transaction_timeout=0" if postgres is not None else ""
        await open_database(url + query)
        await held.take(Keys.new())
        try:
            yield
        finally:
            await close_database()


async def plans(work: Callable[[], Awaitable[Any]]) -> list[str]:
    """How the engine carries out what ``work`` asks, statement by statement, with the values it binds."""
    asked = await _asked(work)
    explain = "EXPLAIN " if is_postgres() else "EXPLAIN QUERY PLAN "
    found: list[str] = []
    for query, values in asked:
        lines = await connection().execute_query_dict(explain + query, values)
        found.append("\n".join(str(line.get("detail", line.get("QUERY PLAN"))) for line in lines))
    return found


async def _asked(work: Callable[[], Awaitable[Any]]) -> list[tuple[str, list[Any]]]:
    """The statements that ``work`` sends, noted on their way."""
    asked: list[tuple[str, list[Any]]] = []
    here = connection()
    kept = {name: getattr(here, name) for name in ("execute_query", "execute_query_dict")}

    def noting(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def note(query: str, values: Any = None) -> Any:
            if (query, list(values or [])) not in asked:
                asked.append((query, list(values or [])))
            return await send(query, values)

        return note

    for name, send in kept.items():
        setattr(here, name, noting(send))
    try:
        await work()
    finally:
        for name in kept:
            delattr(here, name)
    return asked
