"""The keys that seal texts in rows, and the blind index by which a sealed value is found."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.sealing.keys import LENGTH, NONCE, KeyMissing, Keys, SealBroken, Wrapped

MARK: Final = "s1."
_NUMBER: Final = 4  # bytes of the key's number
_INDEX: Final = 16  # bytes

Bound = str | int | datetime | None


class Ring:
    """Seals with the newest of its keys, and opens with each.  ``keys``: number → 32 bytes."""

    def __init__(self, keys: dict[int, bytes], index_key: bytes) -> None:
        self._newest = max(keys)
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}
        self._index_key = index_key

    def seal(self, text: str, *about: Bound) -> str:
        """``about``: table, column, and what names the row; nowhere else does it open."""
        nonce = os.urandom(NONCE)
        content = self._ciphers[self._newest].encrypt(nonce, text.encode(), _named(about))
        return MARK + base64.b64encode(self._newest.to_bytes(_NUMBER, "big") + nonce + content).decode()

    def open(self, held: str, *about: Bound) -> str:
        """Raises: SealBroken, KeyMissing."""
        if not held.startswith(MARK):
            raise SealBroken(str(about[0]))
        try:
            content = base64.b64decode(held[len(MARK) :], validate=True)
            cipher = self._ciphers.get(int.from_bytes(content[:_NUMBER], "big"))
            if cipher is None:
                raise KeyMissing(str(int.from_bytes(content[:_NUMBER], "big")))
            body = content[_NUMBER:]
            return cipher.decrypt(body[:NONCE], body[NONCE:], _named(about)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(str(about[0])) from error

    def index(self, kind: str, value: str) -> str:
        """By which an exact value is found: 32 hex digits, of no use without the key.

        A plain hash would not do: all NIK of a regency are tried in minutes.
        """
        said = f"{kind}\0{value}".encode()
        return hmac.new(self._index_key, said, hashlib.sha256).digest()[:_INDEX].hex()


def _named(about: tuple[Bound, ...]) -> bytes:
    return "\0".join(
        one.astimezone(UTC).isoformat() if isinstance(one, datetime) else str(one) for one in about
    ).encode()


def new_key() -> bytes:
    return secrets.token_bytes(LENGTH)


def ring_of(keys: Keys, wrapped: dict[int, Wrapped]) -> Ring:
    """Raises: KeyMissing, SealBroken."""
    fields = {number: keys.unwrap(one, name_of(number)) for number, one in wrapped.items()}
    return Ring(fields, keys.derived("index"))


def name_of(number: int) -> str:
    """What a field key is called where it is wrapped."""
    return f"fields:{number}"
