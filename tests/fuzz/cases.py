"""What Hypothesis draws: real inputs changed by `mutations`, inputs of its own, and those put into real ones.

Of a changed input it draws one number, the seed of all changes: a draw costs more than a parser.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.channels.test_any_json import any_json
from tests.fuzz.mutations import Chance, bytes_changed, json_changed, places, text_changed

T = TypeVar("T")
Whole = TypeVar("Whole", bytes, str)

ANY_TEXT = st.text(st.characters(), max_size=200)  # lone surrogates, too
ANY_BYTES = st.binary(max_size=400)


def changed(make: Callable[[Chance], T]) -> SearchStrategy[T]:
    return st.integers(0, 2**64 - 1).map(lambda seed: make(Chance(seed)))


def texts(samples: Sequence[str]) -> SearchStrategy[str]:
    real = changed(lambda chance: text_changed(chance, chance.choice(samples)))
    return real | ANY_TEXT | within(samples, ANY_TEXT)


def raw(samples: Sequence[bytes]) -> SearchStrategy[bytes]:
    real = changed(lambda chance: bytes_changed(chance, chance.choice(samples)))
    return real | ANY_BYTES | within(samples, ANY_BYTES)


def within(samples: Sequence[Whole], pieces: SearchStrategy[Whole]) -> SearchStrategy[Whole]:
    """A piece somewhere in a real one."""

    def put(whole: Whole, place: int, piece: Whole) -> Whole:
        at = place % (len(whole) + 1)
        return whole[:at] + piece + whole[at:]

    return st.builds(put, st.sampled_from(samples), st.integers(0, 2**16), pieces)


def bodies(samples: Sequence[Any]) -> SearchStrategy[bytes]:
    """JSON, of which one time in four of the changed the bytes are changed, too."""

    def real(chance: Chance) -> bytes:
        written = _written(json_changed(chance, samples))
        return bytes_changed(chance, written) if chance.random() < 0.25 else written

    def put(whole: Any, place: int, piece: Any) -> bytes:
        body = deepcopy(whole)
        found = places(body)
        parent, key = found[place % len(found)]
        parent[key] = piece
        return _written(body)

    placed = st.builds(put, st.sampled_from(samples), st.integers(0, 2**16), any_json)
    return changed(real) | any_json.map(_written) | placed


def _written(body: Any) -> bytes:
    return json.dumps(body).encode()
