"""The words by which the two sides understand each other."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fork may have: ``memory`` in bytes of address space, ``cpu`` and ``wall`` in seconds."""

    memory: int
    cpu: int
    wall: int


OPENING: Final = Limits(memory=640 * 1024**2, cpu=10, wall=15)  # the decoders themselves: 160 MB
CARDS: Final = Limits(memory=3 * 1024**3, cpu=120, wall=150)  # the models and what they compute: 1.3 GB
TABLES: Final = Limits(memory=512 * 1024**2, cpu=10, wall=15)


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


class TableProblem(StrEnum):
    """Why a table is not taken."""

    NOT_A_TABLE = "not_a_table"  # neither CSV nor XLSX; also the XLS of old
    EMPTY = "empty"  # nothing is in it, or nothing below its header
    TOO_MANY_ROWS = "too_many_rows"
    TOO_WIDE = "too_wide"
    TOO_BIG = "too_big"  # the file, or all that is written in it
    MACROS = "macros"  # it has programs in it, or files that may be some
    EXTERNAL_LINKS = "external_links"  # it fetches from elsewhere; a cell that is a link to click does not
    ENCRYPTED = "encrypted"
    BOMB = "bomb"  # made to harm who opens it: swells, leads out of its folder, has entities
    DAMAGED = "damaged"
    TOO_LONG = "too_long"  # it took more time or memory than a file may


class TableRefused(Exception):
    """``count``: of `TableProblem.TOO_MANY_ROWS`, how many rows there are."""

    def __init__(self, reason: TableProblem, count: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.count = count


class Cell(NamedTuple):
    """What stands in a cell, on one line, as names are kept.  Of a number Excel keeps 15 digits."""

    text: str
    is_number: bool = False


LARGEST_TABLE: Final = 5 * 1024**2  # bytes of the file
MOST_ROWS: Final = 10_000  # below the header
MOST_COLUMNS: Final = 30
LONGEST_CELL: Final = 300  # characters; what is beyond is cut
