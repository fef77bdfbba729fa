"""A word to the other processes on the same PostgreSQL: NOTIFY, and LISTEN on a connection of its own.

A word may be lost (the connection broke, nobody listened): whoever waits for one also looks by himself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from models.database import ANSWER_WITHIN, database_url, rows
from models.migrations.postgres import connected

CHANNEL: Final = "loket"  # a trigger on the outbox speaks there, too
LONGEST: Final = 7_000  # bytes of a word; PostgreSQL takes 8,000
STILL_THERE: Final = 10.0  # seconds between questions whether the server is


async def tell(word: str) -> None:
    """Raises: what the database raises."""
    await rows(f"SELECT pg_notify('{CHANNEL}', $1)", [word])


@asynccontextmanager
async def listening(heard: Callable[[str], None]) -> AsyncIterator[Callable[[], Any]]:
    """``heard`` gets every word while inside; gives a coroutine function that ends when the line is dead."""

    def on_word(connection: object, pid: int, channel: str, payload: object) -> None:
        heard(str(payload))

    async with connected(database_url()) as db:
        await db.add_listener(CHANNEL, on_word)

        async def until_it_breaks() -> None:
            while True:
                await asyncio.sleep(STILL_THERE)
                await db.execute("SELECT 1", timeout=ANSWER_WITHIN)

        try:
            yield until_it_breaks
        finally:
            if not db.is_closed():
                await db.remove_listener(CHANNEL, on_word)


BROKEN: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a line raises that breaks."""
