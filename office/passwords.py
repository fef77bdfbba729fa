"""Passwords of the console: which may be chosen, and how they are kept (argon2id).

Long, and nobody's first guess; no rule about kinds of characters, and no end of validity.
Source: NIST SP 800-63B, 3.1.1; OWASP ASVS 5.0, V6.2; OWASP, "Password storage", read 2026-11.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.staff import Staff
from office.catalogue import CATALOG
from office.context import office
from office.refusal import Refusal
from office.typed import fold

SHORTEST: Final = 12  # characters
LONGEST: Final = 128

_HASHER: Final = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
_TWO_AT_ONCE: Final = ThreadPoolExecutor(2, "argon2")  # 19 MiB each
_TELLING: Final = 4  # letters from which on a word of a person's name counts
_OFFICES: Final = 5  # and of the office's: its short ones stand in many others
_AROUND_LETTERS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class PasswordTooShort(Refusal):
    """Facts: ``least`` characters."""


class PasswordTooLong(Refusal):
    """Facts: ``most`` characters."""


class PasswordTellsWhose(Refusal):
    """It contains the person's name, the office's or the program's."""


class PasswordCommon(Refusal):
    """It is one of those tried first, or one of them repeated, among digits or a little longer."""


class PasswordsDiffer(Refusal):
    """It was typed twice, and not alike."""


def check(password: str, again: str, staff: Staff) -> None:
    """Whether this person may choose it.

    Raises: PasswordTooShort, PasswordTooLong, PasswordTellsWhose, PasswordCommon, PasswordsDiffer.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(least=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordTooLong(most=LONGEST)
    said = _plain(password)
    if any(word in said for word in _telling(staff)):
        raise PasswordTellsWhose
    if _is_common(said):
        raise PasswordCommon
    if password != again:
        raise PasswordsDiffer


async def hash_of(password: str) -> str:
    """To be kept in the password's place; slow on purpose, so never inside a transaction."""
    return await asyncio.get_running_loop().run_in_executor(_TWO_AT_ONCE, _HASHER.hash, _bytes(password))


async def fits(held: str | None, password: str) -> bool:
    """Whether it is the one that is kept so.  Nobody's (None) takes as long, and never is."""
    looked_at = password if len(password) <= LONGEST else ""
    work = asyncio.get_running_loop().run_in_executor(_TWO_AT_ONCE, _verify, held or _nobodys(), looked_at)
    return await work and held is not None


def is_outdated(held: str) -> bool:
    """Whether it was kept by other parameters than ours are now."""
    return _HASHER.check_needs_rehash(held)


def _verify(held: str, password: str) -> bool:
    try:
        return _HASHER.verify(held, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    """As it was typed; only that an é is one character on every keyboard."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _plain(text: str) -> str:
    return fold(text).replace(" ", "")


def _telling(staff: Staff) -> set[str]:
    names = [(word, _TELLING) for word in staff.name.split()]
    names += [(word, _OFFICES) for word in office().office.short_name.id.split()]
    return {"loket", *(_plain(word) for word, least in names if len(word) >= least)}


def _is_common(said: str) -> bool:
    letters, unit = _AROUND_LETTERS.sub("", said), _repeated(said)
    nearly = (said[:-1], said[:-2], said[:-3])
    return len(unit) < _TELLING or any(one in _common() for one in (said, letters, unit, *nearly))


def _repeated(said: str) -> str:
    """``abcd`` of ``abcdabcdab``; the text itself where nothing is repeated."""
    lengths = range(1, len(said))
    return next((said[:n] for n in lengths if said == (said[:n] * len(said))[: len(said)]), said)


@cache
def _common() -> frozenset[str]:
    listed = (CATALOG / "passwords" / "common.txt").read_text(encoding="utf-8").split()
    return frozenset(listed)
