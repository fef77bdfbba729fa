"""Looking for hundreds of words at once, in less time than looking for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Final

import numpy as np

_PIECE: Final = 4  # bytes
_SHORTEST: Final = 2 * _PIECE - 1  # wherever a word of so many bytes stands, one whole piece of it is in step
_AT_ONCE: Final = 4 * 1024**2  # bytes; a step of pieces
_SPREAD: Final = np.uint32(2654435761)  # Knuth's multiplier
_HALF: Final = np.uint32(16)  # bits


class Sieve:
    """Cut into pieces, most of what is looked through has no piece of any word: a look into a table says so.

    Only words of which a piece was seen are looked for themselves.
    """

    def __init__(self, words: Collection[bytes]) -> None:
        self._words_with: dict[int, set[bytes]] = defaultdict(set)
        for word in words:
            assert len(word) >= _SHORTEST, word
            for start in range(_PIECE):
                self._words_with[int.from_bytes(word[start : start + _PIECE], "little")].add(word)
        self._may_be_known = np.zeros(2**16, dtype=bool)
        self._may_be_known[_place(np.array(list(self._words_with), dtype="<u4"))] = True

    def found_in(self, content: bytes) -> set[bytes]:
        wanted: set[bytes] = set()
        for start in range(0, len(content), _AT_ONCE):
            whole = min(len(content) - start, _AT_ONCE) // _PIECE
            pieces = np.frombuffer(content, dtype="<u4", offset=start, count=whole)
            for piece in np.unique(pieces[self._may_be_known[_place(pieces)]]):
                wanted |= self._words_with.get(int(piece), set())
        return {word for word in wanted if word in content}


def _place(pieces: np.ndarray) -> np.ndarray:
    return pieces * _SPREAD >> _HALF
