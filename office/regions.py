"""Where the region data lies, and which kecamatan codes have ever been in force."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

REGIONS: Final = Path(__file__).parent.parent / "catalog" / "regions"


@cache
def kecamatan_codes() -> frozenset[str]:
    """Every six-digit kecamatan code in force in any of six decrees, 2015 to 2025.

    Older codes may exist, so a code that is missing here is a reason to ask once more, never to refuse.
    Source: ``catalog/regions/README.md``.
    """
    with (REGIONS / "kode_kecamatan_pernah_berlaku.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(row["code6"] for row in csv.DictReader(lines))
