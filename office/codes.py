"""One-time codes: for ``/masuk`` in chat and for pages of ours.  Only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from office.number import ALPHABET

CHARACTERS: Final = 15  # of 5 bits: 75 random bits
GROUP: Final = 5

_LOOKALIKES: Final = str.maketrans("OIL", "011")


def new_code() -> str:
    """``K7Q2M-9FDX3-TR8WP``."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
    return "-".join(characters[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def hash_of_code(typed: str) -> str:
    """Of a code as typed, without regard to case, spaces, hyphens, O/0 or I/L/1."""
    characters = "".join(c for c in typed.upper() if c.isalnum()).translate(_LOOKALIKES)
    return hash_of(characters)


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
