"""The canaries, and how else each of them is written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote, quote_plus

from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET
from tests.flows.steps import NIK

NAMES = ("Maria Ndun", "Maria Adoe")
TELEPHONE = "81234567890"  # behind 62 or 0
TOKENS = (TELEGRAM_SECRET, "AAtestTokenOfTheOffice", "EAAGtestTokenOfTheOffice")

_NIK_IN_GROUPS = NIK[:4], NIK[4:8], NIK[8:12], NIK[12:]
_NIK_AS_IT_IS_BUILT = NIK[:2], NIK[2:4], NIK[4:6], NIK[6:12], NIK[12:]
_TELEPHONE_IN_GROUPS = TELEPHONE[:3], TELEPHONE[3:7], TELEPHONE[7:]


def _written() -> Iterator[str]:
    for name in NAMES:
        yield from (name, name.upper(), name.lower())
    yield from (NIK, TELEPHONE, *TOKENS)
    for between in (" ", "-", "."):
        for groups in (_NIK_IN_GROUPS, _NIK_AS_IT_IS_BUILT, _TELEPHONE_IN_GROUPS):
            yield between.join(groups)


def forms(word: str) -> Iterator[bytes]:
    """As it is, in UTF-16, for addresses, in hexadecimal and in base64."""
    plain = word.encode()
    yield from (plain, word.encode("utf-16-le"), word.encode("utf-16-be"))
    yield from (quote(word, safe="").encode(), quote_plus(word).encode())
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for before in range(3):
        yield from _in_base64(plain, before)


def _in_base64(plain: bytes, before: int) -> Iterator[bytes]:
    """What stands there whatever is around it, where it begins ``before`` bytes behind a whole three."""
    shared_with_before = -(-before * 8 // 6)
    last_is_shared = (before + len(plain)) % 3 > 0
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        written = encode(bytes(before) + plain).rstrip(b"=")
        yield written[shared_with_before : len(written) - last_is_shared]


IN_OUTPUT = frozenset(chain.from_iterable(map(forms, _written())))
EVERYWHERE = IN_OUTPUT | set(forms(APP_SECRET))  # which is also the name of a setting in what a verb explains
