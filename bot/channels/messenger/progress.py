"""Rows that went out in part, and rows that Meta was too busy for.

Kept in memory: who dies amid a row leaves it unknown, and it is never sent again by itself.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

REMEMBERED: Final = 10_000  # rows


@dataclass(slots=True)
class Tried:
    """``parts``: of a row, those that Meta has; a further try begins behind them.  ``refusals``: the vague
    ones, which may mean that the person blocked us."""

    parts: int = 0
    refusals: int = 0


class Progress:
    def __init__(self) -> None:
        self._rows: OrderedDict[str, Tried] = OrderedDict()

    def of(self, tag: str) -> Tried:
        found = self._rows.setdefault(tag, Tried())
        self._rows.move_to_end(tag)
        if len(self._rows) > REMEMBERED:
            self._rows.popitem(last=False)
        return found

    def forget(self, tag: str) -> None:
        self._rows.pop(tag, None)
