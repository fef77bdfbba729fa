"""The number a citizen quotes: ``K7Q2-M9FD-X``.

Eight characters of Crockford's base 32 (https://www.crockford.com/base32.html, no I, L, O, U) hold 40 random
bits; a ninth, of the same alphabet, checks them.

The check is one parity symbol over GF(32), the field of x^5 + x^2 + 1: the nine characters d1..d9 satisfy
``6^8*d1 + 6^7*d2 + ... + 6*d8 + d9 = 0``.  The weights are nine different powers of 6, so none is zero and no
two are equal: every wrong character and every exchange of two different characters (neighbours or not, the
check character too) leaves the sum at something else than zero, and is found.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from office.refusal import Refusal

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS: Final = 40
BODY: Final = 8  # characters of 5 bits each, before the check character

_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_SEPARATORS: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212"  # the hyphens and dashes a phone makes of one


class RequestNumberUnreadable(Refusal):
    """What was typed is not a request number.

    Facts: ``reason``: ``length`` (not nine characters), ``characters`` (one that no number has) or
    ``check`` (nearly a number: at least one character is mistyped).
    """


@dataclass(frozen=True, slots=True)
class RequestNumber:
    """A number whose check character holds.  ``str()`` gives the form that is printed and stored."""

    characters: str

    @classmethod
    def new(cls, random_bits: Callable[[int], int] = secrets.randbits) -> RequestNumber:
        """A number nobody can guess.  The caller keeps it unique."""
        bits = random_bits(RANDOM_BITS)
        body = "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(BODY)))
        return cls(body + check_character(body))

    @classmethod
    def parse(cls, typed: str) -> RequestNumber:
        """Read a number without regard to case, spaces, hyphens, O/0 or I/L/1.

        Raises: `RequestNumberUnreadable`.
        """
        joined = "".join(c for c in typed if not (c.isspace() or c in _SEPARATORS))
        if len(joined) != BODY + 1:
            raise RequestNumberUnreadable(reason="length")
        characters = joined.upper().translate(_LOOKALIKES)
        if not joined.isascii() or not _VALUE.keys() >= set(characters):
            raise RequestNumberUnreadable(reason="characters")
        if check_character(characters[:BODY]) != characters[BODY]:
            raise RequestNumberUnreadable(reason="check")
        return cls(characters)

    def __str__(self) -> str:
        return f"{self.characters[:4]}-{self.characters[4:BODY]}-{self.characters[BODY]}"


def check_character(body: str) -> str:
    """The character that completes eight characters of `ALPHABET`."""
    parity = 0
    for character in body:
        parity = _six_times(parity ^ _VALUE[character])
    return ALPHABET[parity]


def _six_times(value: int) -> int:
    """6 * value in GF(32): 6 is x^2 + x."""
    twice = _times_x(value)
    return _times_x(twice) ^ twice


def _times_x(value: int) -> int:
    shifted = value << 1
    return shifted ^ 0b100101 if shifted & 0b100000 else shifted
