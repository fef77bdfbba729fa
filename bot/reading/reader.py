"""Our side: bytes of a stranger go to a child, clean pages come back.

What comes back is not trusted either: it is measured before it is believed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bot.reading.forks import Forks
from bot.reading.words import FORMATS, MOST_PAGES, OPENING, Problem, Verdict

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2  # files being read at the same time


class CannotRead(Exception):
    """The file is none that can be read; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ReadPage:
    """``jpeg``: upright, without metadata.  ``looks``: see `bot.reading.looks`."""

    jpeg: bytes
    verdict: Verdict
    looks: str


class Reader:
    """Opens what strangers send.  One event loop."""

    def __init__(self, make_forks: type[Forks] = Forks) -> None:
        self._forks = make_forks("opening", OPENING, AT_ONCE)

    async def read(self, content: bytes, mime: str) -> Sequence[ReadPage] | None:
        """The pages of a file that begins like ``mime``; None: no kind that is read, nobody opened it.

        Raises: CannotRead, ReaderAway.
        """
        if mime not in FORMATS:
            return None
        answer = await self._forks.ask(mime.encode() + b"\n", content)
        if not answer:
            raise CannotRead(Problem.HEAVY)
        return _believed(answer)

    async def close(self) -> None:
        """Nothing of it runs on."""
        await self._forks.close()


def _believed(answer: bytes) -> list[ReadPage]:
    """Raises: CannotRead, for an answer that makes no sense as for one that says no."""
    head, _, rest = answer.partition(b"\n")
    try:
        said = json.loads(head)
        if "problem" in said:
            log.info("reader.refused", problem=said["problem"], error=str(said.get("error"))[:40])
            raise CannotRead(Problem(said["problem"]))
        return _pages(said["pages"], rest)
    except (ValueError, KeyError, TypeError) as error:  # an answer cut short: it was killed amid it
        raise CannotRead(Problem.HEAVY) from error


def _pages(heads: Any, rest: bytes) -> list[ReadPage]:
    """Raises: ValueError, KeyError, TypeError."""
    pages, begin = [], 0
    if not 1 <= len(heads) <= MOST_PAGES or sum(head["size"] for head in heads) != len(rest):
        raise ValueError
    for head in heads:
        jpeg = rest[begin : begin + head["size"]]
        begin += len(jpeg)
        if len(jpeg) != head["size"] or not jpeg.startswith(b"\xff\xd8\xff"):
            raise ValueError
        pages.append(ReadPage(jpeg, Verdict(head["verdict"]), f"{int(head['looks'], 16):016x}"[:16]))
    return pages
