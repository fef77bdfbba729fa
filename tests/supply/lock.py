"""What a lock says: each package, its version, and the hashes of the files that may be it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"  # holds the runtime's, too
OCR = ROOT / "requirements-ocr.txt"

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package; ``hashes`` are SHA-256, hexadecimal."""

    name: str
    version: str
    hashes: frozenset[str]


def read(lock: Path) -> dict[str, Locked]:
    """The packages of a lock by name.  Raises: ValueError for a line that pins nothing."""
    found: dict[str, Locked] = {}
    for entry in _entries(lock.read_text(encoding="utf-8")):
        pinned = _PINNED.match(entry)
        if pinned is None:
            raise ValueError(f"{lock.name}: nothing is pinned by: {entry[:60]}")
        name = canonicalize_name(pinned[1])
        found[name] = Locked(name, pinned[2], frozenset(_HASH.findall(entry)))
    return found


def _entries(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [entry for entry in "\n".join(lines).replace("\\\n", " ").splitlines() if entry.strip()]
