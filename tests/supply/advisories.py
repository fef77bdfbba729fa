"""Known advisories beside the lock, in the format of OSV: for where nobody can be asked.

``advisories.json`` also says of which packages it was looked up at all, and where: that none is known of a
package, and that nobody looked, are two things.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from packaging.version import Version

FILE = Path(__file__).parent / "advisories.json"


@dataclass(frozen=True, slots=True)
class Advisories:
    """``as_of``: the day until which every source knew; ``looked_up``: package → names of sources."""

    as_of: date
    looked_up: Mapping[str, Sequence[str]]
    records: Sequence[Mapping[str, Any]]

    @classmethod
    def load(cls, file: Path) -> Advisories:
        """Raises: OSError, ValueError, KeyError, TypeError where there is no such data."""
        data = json.loads(file.read_text(encoding="utf-8"))
        as_of = min(date.fromisoformat(source["as_of"]) for source in data["sources"].values())
        return cls(as_of, data["looked_up"], data["advisories"])

    def against(self, name: str, version: str) -> list[str]:
        """The advisories that apply to this version, as ``ID (alias): summary``."""
        return [
            _said(record)
            for record in self.records
            if "withdrawn" not in record
            and any(
                affected["package"]["name"] == name and affects(affected, version)
                for affected in record["affected"]
            )
        ]


def affects(affected: Mapping[str, Any], version: str) -> bool:
    """Whether a version is meant.  Source: ossf.github.io/osv-schema, "Evaluation", read 2026-11."""
    if version in affected.get("versions", ()):
        return True
    return any(_within(span["events"], Version(version)) for span in affected.get("ranges", ()))


def _within(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    inside = False
    for event in sorted(events, key=lambda event: Version(next(iter(event.values())))):
        if "introduced" in event and version >= Version(event["introduced"]):
            inside = True
        if "fixed" in event and version >= Version(event["fixed"]):
            inside = False
        if "last_affected" in event and version > Version(event["last_affected"]):
            inside = False
    return inside


def _said(record: Mapping[str, Any]) -> str:
    known_as = [record["id"], *record.get("aliases", ())]
    return f"{' = '.join(known_as)}: {record['summary']}"
