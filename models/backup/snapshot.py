"""What a copy of the database holds, as one moment saw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Engine = Literal["sqlite", "postgres"]

VERSIONS = "SELECT version, name, sha256 FROM schema_versions ORDER BY version"
KEPT_FILES = """
SELECT k.storage_key, k.digest, EXISTS (SELECT 1 FROM files f WHERE f.storage_key = k.storage_key) AS named
FROM paper_keys k ORDER BY k.storage_key
"""
"""A file's key is written before it is, and its own row last: one that no row names may not be there yet."""

LEAP = 1_000_000
"""How far ids jump in a restored copy: the original went on counting, and what it counted is on phones and
with providers.  None of those numbers may mean something else here."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One migration, as the database has noted it."""

    version: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the storage, sealed.  ``digest``: SHA-256 of its bytes; ``named``: by a row of its own."""

    storage_key: str
    digest: str
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``rows``: per table.  ``kept``: what lies in the storage."""

    engine: Engine
    schema: Sequence[Applied]
    rows: Mapping[str, int]
    kept: Sequence[Kept]
