"""Queue numbers as they are typed: ``123 124, 130-134``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from office.refusal import Refusal

LIMIT: Final = 100  # numbers in one command
DIGITS: Final = 7  # of a queue number; anything longer is a telephone number

_NUMBER: Final = rf"#?([1-9][0-9]{{0,{DIGITS - 1}}})"
_DASH: Final = r"(?:[-\u2010-\u2015\u2212]|s/?d\.?|sampai)"
_ENTRY: Final = re.compile(rf"{_NUMBER}(?:\s*{_DASH}\s*{_NUMBER})?(?=[\s,;&/]|$)", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"(?:[\s,;&/]|\b(?:dan|and)\b)*", re.IGNORECASE)


class TooManyNumbers(Refusal):
    """More numbers than one command takes.  Facts: ``limit``."""


class RangeBackwards(Refusal):
    """A range whose end lies before its beginning.  Facts: ``first``, ``last``."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers a text begins with, each once, in the order typed, and the text behind them."""

    values: tuple[int, ...]
    rest: str


def read(typed: str, limit: int = LIMIT) -> Numbers:
    """The numbers at the beginning of a text.

    Numbers stand apart by spaces, commas, semicolons, slashes, ``&`` or ``dan``; a range by any dash,
    ``s/d`` or ``sampai``.  A number starts with 1 to 9 and has at most `DIGITS` digits.
    Raises: `TooManyNumbers`, `RangeBackwards`.
    """
    found: dict[int, None] = {}
    end = 0
    text = typed.strip()
    while entry := _ENTRY.match(text, _after_separator(text, end)):
        first, last = int(entry[1]), int(entry[2] or entry[1])
        if last < first:
            raise RangeBackwards(first=first, last=last)
        if last - first >= limit:
            raise TooManyNumbers(limit=limit)
        found.update(dict.fromkeys(range(first, last + 1)))
        if len(found) > limit:
            raise TooManyNumbers(limit=limit)
        end = entry.end()
    return Numbers(tuple(found), text[end:].lstrip(" \t\r\n,;&/"))


def written(numbers: Sequence[int]) -> str:
    """The numbers in ascending order as `read` understands them: three or more in a row become a range."""
    runs: list[list[int]] = []
    ordered = sorted(set(numbers))
    for before, number in pairwise([None, *ordered]):
        if before is not None and number == before + 1:
            runs[-1].append(number)
        elif number is not None:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


def _after_separator(text: str, end: int) -> int:
    between = _BETWEEN.match(text, end)
    return between.end() if between else end


def _run(run: Sequence[int]) -> str:
    return f"{run[0]}\u2013{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))
