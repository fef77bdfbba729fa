"""What processes on one PostgreSQL tell each other, so that nobody has to wait for the next look.

A word is its kind, who says it, and what it is about: ``inbox 3f9c 12,15``.  Kinds: ``inbox`` (of these
people something waits), ``outbox`` (something waits to be sent), ``division`` (somebody came or left),
``bell`` (this browser has news).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from models import notifications

log = structlog.get_logger(__name__)

GATHERS: Final = 0.005  # seconds in which words of a kind join
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds until the next try to listen

Heard = Callable[[str, list[str]], None]
"""(kind, what it is about)"""


class Wakeups:
    """``heard`` gets what others say; ``on_line`` is told when we listen (again): something may be missed."""

    def __init__(self, name: str, heard: Heard, on_line: Callable[[], None]) -> None:
        self._name = name
        self._heard = heard
        self._on_line = on_line
        self._waiting: defaultdict[str, set[str]] = defaultdict(set)
        self._telling: asyncio.Task[None] | None = None

    def tell(self, kind: str, about: str = "") -> None:
        """To all others, in a moment."""
        self._waiting[kind].add(about)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def settled(self) -> None:
        """Returns when everything has been said."""
        while self._telling is not None:
            await asyncio.wait([self._telling])

    async def run(self) -> None:
        """Listen for ever."""
        wait = FIRST_PAUSE
        while True:
            try:
                async with notifications.listening(self._hears) as until_it_breaks:
                    wait = FIRST_PAUSE
                    self._on_line()
                    await until_it_breaks()
            except notifications.BROKEN as error:
                log.warning("wakeups.not_listening", error=type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_PAUSE)

    def _hears(self, word: str) -> None:
        kind, _, rest = word.partition(" ")
        said_by, _, about = rest.partition(" ")
        if said_by != self._name:
            self._heard(kind, about.split(",") if about else [])

    async def _tell(self) -> None:
        try:
            await asyncio.sleep(GATHERS)
            while self._waiting:
                kind, about = self._waiting.popitem()
                for part in _parts(sorted(about)):
                    await notifications.tell(f"{kind} {self._name} {part}".strip())
        except Exception as error:
            log.warning("wakeups.not_told", error=type(error).__name__)
        finally:
            self._telling = None


def _parts(about: list[str]) -> list[str]:
    """Joined by commas, no part longer than a word may be."""
    parts = [""]
    for one in about:
        if len(parts[-1]) + len(one) > notifications.LONGEST:
            parts.append("")
        parts[-1] = f"{parts[-1]},{one}" if parts[-1] else one
    return parts
