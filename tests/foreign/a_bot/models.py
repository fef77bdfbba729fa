"""Named like a room of ours."""

from dataclasses import dataclass
from datetime import date


@dataclass
class Visit:
    day: date
    counts: dict[int, int]
