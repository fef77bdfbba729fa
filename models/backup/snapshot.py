"""What a copy of the database holds, as one moment saw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Engine = Literal["sqlite", "postgres"]

VERSIONS = "SELECT version, name, sha256 FROM schema_versions ORDER BY version"
KEPT_FILES = "SELECT storage_key, sha256 FROM files WHERE storage_key IS NOT NULL ORDER BY id"
HELD_BY_EVENTS = (
    "SELECT body FROM inbox WHERE state <> 'done' AND body LIKE '%\"held\"%' "
    "AND NOT EXISTS (SELECT 1 FROM files WHERE files.event_id = inbox.id) ORDER BY id"
)
"""An upload is kept before its event is, and gets its own row only when the event is handled."""

LEAP = 1_000_000
"""How far ids jump in a restored copy: the original went on counting, and what it counted is on phones and
with providers.  None of those numbers may mean something else here."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One migration, as the database has noted it."""

    version: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``rows``: per table.  ``kept``: storage key → SHA-256 of its bytes, where a row says it.

    ``held``: bodies of unfinished events that name a key of their own.
    """

    engine: Engine
    schema: Sequence[Applied]
    rows: Mapping[str, int]
    kept: Mapping[str, str | None]
    held: Sequence[str]
