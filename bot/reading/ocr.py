"""Our side of reading letters: a clean page goes to a child of its own, lines come back, not trusted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from typing import Any, Final

from bot.reading.forks import Forks
from bot.reading.words import CARDS, MOST_LINES

_LONGEST: Final = 200  # characters of a line


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text, where it begins and how high it is, in pixels, as if the paper lay straight."""

    text: str
    x: float
    y: float
    high: float


class Ocr:
    """Reads one page at a time.  One event loop."""

    def __init__(self) -> None:
        self._forks = Forks("cards", CARDS, 1)

    async def lines(self, jpeg: bytes) -> Sequence[Line]:
        """None where nothing could be read, or it took too much.  Raises: ReaderAway."""
        return _believed(await self._forks.ask(jpeg))

    async def close(self) -> None:
        """Nothing of it runs on."""
        await self._forks.close()


def installed() -> bool:
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def _believed(answer: bytes) -> list[Line]:
    try:
        return [_line(one) for one in json.loads(answer)[:MOST_LINES]]
    except (ValueError, KeyError, TypeError):  # it was killed amid its answer, or before
        return []


def _line(said: Any) -> Line:
    """Raises: ValueError, KeyError, TypeError."""
    x, y, high = float(said["x"]), float(said["y"]), float(said["high"])
    if not all(map(isfinite, (x, y, high))):
        raise ValueError
    return Line(str(said["text"])[:_LONGEST], x, y, high)
