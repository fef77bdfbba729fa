"""The keys file: secrets of this deployment that belong in no database and no backup.

Shape: ``{"current": "k1", "keys": {"k1": "<32 bytes in base 64>"}}``; the oldest key stands first.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LENGTH: Final = 32  # bytes

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeysUnusable(Exception):
    """The keys file may be read by others, or is none; the text says which, and repeats no key."""


class Keys:
    """What the file holds.  Printing it shows no key."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        self._keys = dict(keys)
        self.current = current

    @classmethod
    def open(cls, path: Path) -> Keys:
        """Read the file, or make it with a fresh key, for its owner's eyes only.  Raises: KeysUnusable."""
        try:
            if not path.exists():
                _make(path)
            if path.stat().st_mode & _OTHERS:
                raise KeysUnusable(f"{path} may be read by others: chmod 600")
            return cls._read(json.loads(path.read_text(encoding="utf-8")), path)
        except OSError as error:
            raise KeysUnusable(f"{path} cannot be read or made ({type(error).__name__})") from error
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise KeysUnusable(f"{path} is no keys file") from error

    @classmethod
    def _read(cls, held: Mapping[str, Mapping[str, str]], path: Path) -> Keys:
        keys = {name: base64.b64decode(key, validate=True) for name, key in held["keys"].items()}
        current = str(held["current"])
        if current not in keys or any(len(key) != LENGTH for key in keys.values()):
            raise KeysUnusable(f"{path} lacks its current key, or a key has not {LENGTH} bytes")
        return cls(keys, current)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, of the oldest key: they stay the same when a newer key is added."""
        oldest = next(iter(self._keys.values()))
        return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=purpose.encode()).derive(oldest)

    def __repr__(self) -> str:
        return f"Keys({', '.join(self._keys)})"


def _make(path: Path) -> None:
    """Whole or not at all, whoever else starts at the same time: the first file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    key = base64.b64encode(secrets.token_bytes(LENGTH)).decode()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"current": "k1", "keys": {"k1": key}}, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
