"""A verb that works on the office's rows for a moment, beside a serving process or alone."""

import contextlib
import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from models.database import close_database, transaction
from office.refusal import Refusal
from office.refusal_words import refusal_text
from wiring.clocks import clock_of
from wiring.database import prepare_database
from wiring.offices import Branch, meant, open_offices
from wiring.settings import Settings

Desk = Callable[[Callable[[datetime], Awaitable[Any]]], Awaitable[Any]]

_MARKUP: Final = re.compile(r"</?[bi]>")


def in_words(refusal: Refusal) -> str:
    """Why not, for a terminal: without the markup of a chat."""
    return html.unescape(_MARKUP.sub("", refusal_text(refusal)))


@contextlib.asynccontextmanager
async def at_the_desk(settings: Settings, office_id: int | None = None) -> AsyncIterator[Desk]:
    """Gives a function that runs ``work(now)`` in one transaction, at one office.

    ``office_id``: at whose desk; None: that of the environment.  Raises: SettingWrong: it is not here.
    """
    async with for_all_offices(settings) as (branches, desk):
        with meant(branches, office_id):
            yield desk


@contextlib.asynccontextmanager
async def for_all_offices(settings: Settings) -> AsyncIterator[tuple[list[Branch], Desk]]:
    """The same for what is no single office's matter."""
    branches = open_offices(settings)
    await prepare_database(settings)
    clock = clock_of(settings)

    async def run(work: Callable[[datetime], Awaitable[Any]]) -> Any:
        return await transaction(lambda: work(clock()))

    try:
        yield branches, run
    finally:
        await close_database()
