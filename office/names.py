"""People's names: taken as they are written, never corrected, and shown shortened.

Since Permendagri 73/2022 new names have two words or more and no signs; older names (one word, an apostrophe)
stay valid, and titles may stand on a card.  So there is one field, and hardly anything is refused.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.guarding.folding import folded, latin
from office.refusal import Refusal
from office.typed import fold

LONGEST: Final = 60  # letters with spaces: Permendagri 73/2022 Ps 4(2)

_SIGNS: Final = "'’‘`´ʼ.,-/ "  # old spellings (Ma'ruf), titles (S.Pd., drg.), double names
_GONE: Final = "\0"
_INVISIBLE: Final = ("Cf", "Cc")  # bidi controls, zero-width characters, NUL


class NameUnreadable(Refusal):
    """What was typed cannot be a name.

    Facts: ``reason``: ``empty``, ``long`` (with ``most`` characters), ``digits`` or ``letters`` (not Latin).
    """


class NameEmpty(NameUnreadable):
    """Nothing readable was typed."""


class NameTooLong(NameUnreadable):
    """More characters than a card takes.  Facts: ``most``."""


class NameHasDigits(NameUnreadable):
    """There is a digit in it."""


class NameNotLatin(NameUnreadable):
    """There are letters or signs that a card does not show."""


def read_name(typed: str) -> str:
    """The name as written, in Unicode's composed form, without invisible characters and doubled spaces.

    Raises: `NameEmpty`, `NameTooLong`, `NameHasDigits`, `NameNotLatin`, all of them `NameUnreadable`.
    """
    seen = re.sub(r"\s+", " ", unicodedata.normalize("NFC", typed))
    name = " ".join("".join(c for c in seen if unicodedata.category(c) not in _INVISIBLE).split())
    if not any(c.isalnum() for c in name):
        raise NameEmpty(reason="empty")
    if any(c.isnumeric() for c in name):
        raise NameHasDigits(reason="digits")
    if not all(_may_stand_in_a_name(c) for c in name):
        raise NameNotLatin(reason="letters")
    if len(name) > LONGEST:
        raise NameTooLong(reason="long", most=LONGEST)
    return name


def deceptive(name: str | None) -> bool:
    """Whether it holds signs that nobody sees, or letters of other scripts that look like ours."""
    shown = name or ""
    unseen = any(unicodedata.category(c) in _INVISIBLE for c in shown) or _GONE in folded(shown, _GONE)
    return unseen or latin(shown) != shown


def short_name(name: str | None) -> str:
    """``Maria T.``: the first word and the initial of the second.  All that notices and lists show."""
    words = (name or "").split()
    if not words:
        return "–"
    return words[0] if len(words) == 1 else f"{words[0]} {words[1][0].upper()}."


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two spellings may be one person's: case, signs and spaces make no difference."""
    return _letters(one) == _letters(other)


def _letters(name: str | None) -> str:
    return "".join(c for c in fold(name or "") if c.isalpha())


def _may_stand_in_a_name(character: str) -> bool:
    if character in _SIGNS:
        return True
    return unicodedata.name(character, "").startswith("LATIN ") and character.isalpha()
