"""The file of keys: what unwraps every other key.  It lies apart from the database, papers and backups.

JSON: ``keys`` are the key-encryption keys by name, 32 bytes in base64; ``current`` wraps what is new, the
others still open what they wrapped.  ``root`` is never rotated: blind indexes and the audit come from it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.backup.disk import to_disk

LENGTH: Final = 32  # bytes of every key
NONCE: Final = 12  # bytes, new with each sealing
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeysUnusable(Exception):
    """The file of keys cannot be used; the text says why, in one sentence without a key."""


class KeyMissing(Exception):
    """Something is sealed under a key that the file does not hold; the text is the key's name."""


class SealBroken(Exception):
    """Bytes that were sealed are not what they were: flipped, cut, or another row's."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key, to be kept beside what it seals.  ``kek``: under which key."""

    kek: str
    key: bytes


class Keys:
    """The keys of one installation.  Those of a file are read again when it was written anew."""

    def __init__(self, current: str, keys: Mapping[str, bytes], root: bytes) -> None:
        self.current = current
        self._keys = dict(keys)
        self._root = root
        self._file: Path | None = None
        self._seen = 0  # the file's, when it was read

    @classmethod
    def new(cls) -> Keys:
        return cls("k1", {"k1": secrets.token_bytes(LENGTH)}, secrets.token_bytes(LENGTH))

    @classmethod
    def open(cls, path: Path) -> Keys:
        """Those in ``path``, which is made if it is not there.  Raises: KeysUnusable."""
        if not path.exists():
            with suppress(FileExistsError):  # another process was faster: its keys are ours
                cls.new()._write(path, anew=True)
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Keys:
        """Raises: KeysUnusable."""
        try:
            stands = path.stat()
            if stands.st_mode & _OTHERS:
                raise KeysUnusable(f"{path} may be read by others; chmod 600 {path}")
            keys = cls._from(json.loads(path.read_text(encoding="ascii")))
            keys._file, keys._seen = path, stands.st_mtime_ns
            return keys
        except OSError as error:
            raise KeysUnusable(f"{path} cannot be read ({type(error).__name__})") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeysUnusable(f"{path} is no file of keys ({type(error).__name__})") from error

    @classmethod
    def _from(cls, held: Mapping[str, Any]) -> Keys:
        keys = {str(name): base64.b64decode(key, validate=True) for name, key in held["keys"].items()}
        root = base64.b64decode(held["root"], validate=True)
        if held["current"] not in keys or any(len(key) != LENGTH for key in (*keys.values(), root)):
            raise ValueError(held["current"])
        return cls(held["current"], keys, root)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for this purpose alone, the same through every rotation."""
        return HKDF(SHA256(), LENGTH, salt=None, info=f"loket:{purpose}".encode()).derive(self._root)

    def wrap(self, key: bytes, about: str) -> Wrapped:
        """``about``: what the key seals; under another name it does not open."""
        self._look()
        return Wrapped(self.current, sealed(self._keys[self.current], key, f"{self.current}|{about}"))

    def unwrap(self, wrapped: Wrapped, about: str) -> bytes:
        """Raises: KeyMissing, SealBroken."""
        if wrapped.kek not in self._keys:
            self._look()
        if wrapped.kek not in self._keys:
            raise KeyMissing(wrapped.kek)
        return opened(self._keys[wrapped.kek], wrapped.key, f"{wrapped.kek}|{about}")

    def rotate(self, path: Path) -> None:
        """Add a key, and wrap with it from now on; in the file before anything is wrapped."""
        name = f"k{len(self._keys) + 1}"
        self._keys[name], self.current = secrets.token_bytes(LENGTH), name
        self._write(path, anew=False)

    def _look(self) -> None:
        """Somebody may have rotated the keys while we serve.  A file that is not there changes nothing."""
        try:
            if self._file is None or self._file.stat().st_mtime_ns == self._seen:
                return
            now = Keys.read(self._file)
        except (OSError, KeysUnusable):
            return
        self.current, self._keys, self._seen = now.current, now._keys, now._seen

    def _write(self, path: Path, *, anew: bool) -> None:
        """Whole or not at all.  Raises: FileExistsError, where it should be ``anew``."""
        held = {
            "current": self.current,
            "keys": {name: _text(key) for name, key in self._keys.items()},
            "root": _text(self._root),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(held, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            if anew:
                os.link(beside, path)
            else:
                beside.replace(path)
            to_disk(path.parent)
        finally:
            beside.unlink(missing_ok=True)


def sealed(key: bytes, content: bytes, about: str) -> bytes:
    """A new nonce, then the sealed content."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def opened(key: bytes, held: bytes, about: str) -> bytes:
    """Raises: SealBroken."""
    try:
        return AESGCM(key).decrypt(held[:NONCE], held[NONCE:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(about.partition("|")[0]) from error


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
