"""The words by which the two sides understand each other."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fork may have: ``memory`` in bytes of address space, ``cpu`` and ``wall`` in seconds."""

    memory: int
    cpu: int
    wall: int


OPENING: Final = Limits(memory=640 * 1024**2, cpu=10, wall=15)  # the decoders themselves: 160 MB
CARDS: Final = Limits(memory=3 * 1024**3, cpu=120, wall=150)  # the models and what they compute: 1.3 GB


class Verdict(StrEnum):
    """Whether a person can read the page.  The first that applies."""

    READABLE = "readable"
    SMALL = "small"  # too few pixels for small print
    DARK = "dark"
    BLANK = "blank"  # nothing is on it
    GLARE = "glare"  # light hides a part of it
    SCREEN = "screen"  # a photo of a screen
    BLURRED = "blurred"
    CUT = "cut"  # not all corners are in the picture


class Problem(StrEnum):
    """Why a file cannot be read at all."""

    BROKEN = "broken"  # cut short, damaged, or not what it begins like
    TINY = "tiny"  # so few pixels that nothing can be on it
    VAST = "vast"  # more pixels than are opened
    LOCKED = "locked"  # a PDF with a password
    ACTIVE = "active"  # a PDF that runs, starts, fills in or carries something
    PAGES = "pages"  # a PDF of too many pages
    HEAVY = "heavy"  # it took more time or memory than a file may


JPEG: Final = "image/jpeg"
PDF: Final = "application/pdf"
FORMATS: Final = {
    # what a file begins like -> the one decoder that may try
    JPEG: "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    PDF: "PDF",
}
MOST_PAGES: Final = 10
MOST_LINES: Final = 500  # that are read of one page
