"""Our side of reading tables: bytes of a stranger go to a child of their own, plain rows come back.

What comes back is not trusted either: it is measured before it is believed.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from bot.reading.forks import Forks
from bot.reading.words import (
    LARGEST_TABLE,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TABLES,
    Cell,
    TableProblem,
    TableRefused,
)

log = structlog.get_logger(__name__)

AT_ONCE: Final = 1  # tables being read at the same time


@dataclass(frozen=True, slots=True)
class Row:
    """``number``: what Excel shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """1 to `MOST_COLUMNS` columns, 1 to `MOST_ROWS` rows, each as long as the header; none is empty."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


class TableReader:
    """Reads a CSV or an XLSX.  Its process begins with the first.  One event loop."""

    def __init__(self) -> None:
        self._forks = Forks("tables", TABLES, AT_ONCE)

    async def read(self, content: bytes) -> Table:
        """Raises: TableRefused, ReaderAway."""
        if len(content) > LARGEST_TABLE:
            raise TableRefused(TableProblem.TOO_BIG)
        answer = await self._forks.ask(content)
        return await asyncio.to_thread(_believed, answer)

    async def close(self) -> None:
        """Nothing of it runs on."""
        await self._forks.close()


def _believed(answer: bytes) -> Table:
    """Raises: TableRefused, for an answer that makes no sense as for one that says no."""
    try:
        said = orjson.loads(answer)
        if "problem" in said:
            problem, count = TableProblem(said["problem"]), said["count"]
            log.info("reader.refused", problem=problem)
            raise TableRefused(problem, None if count is None else int(count))
        return _table(said["header"], said["rows"])
    except (ValueError, KeyError, TypeError) as error:  # it was killed amid its answer, or before
        raise TableRefused(TableProblem.TOO_LONG) from error


def _table(header: Any, rows: Any) -> Table:
    """Raises: ValueError, TypeError."""
    if not 1 <= len(header) <= MOST_COLUMNS or not 1 <= len(rows) <= MOST_ROWS:
        raise ValueError
    return Table(
        tuple(_text(one) for one in header),
        tuple(Row(int(number), _cells(cells, len(header))) for number, cells in rows),
    )


def _cells(said: Any, count: int) -> tuple[Cell, ...]:
    if len(said) != count:
        raise ValueError
    return tuple(Cell(_text(text), bool(is_number)) for text, is_number in said)


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > LONGEST_CELL:
        raise ValueError
    return said
