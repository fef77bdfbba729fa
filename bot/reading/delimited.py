"""A CSV → its cells, whatever program has written it.

Runs in the child.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from bot.reading.words import LARGEST_TABLE, Cell, TableProblem, TableRefused

ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252")
_SIGNS: Final = ",;\t"
_OTHER: Final = re.compile(r"\s*(<|\{|%PDF)")  # a page, JSON, a PDF
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_FEW: Final = 8  # of those may stand in any file, and one among
_AMONG: Final = 10  # characters; noise has more
_CUT: Final = re.compile(r"\d[.,]\d+E\+\d+")  # so Excel writes a number of which it shows no more

csv.field_size_limit(LARGEST_TABLE)


def rows(content: bytes) -> Iterator[list[Cell]]:
    """From the first line on; an empty line is a row, too.  Raises: TableRefused."""
    text = _decoded(content)
    if _OTHER.match(text) or len(_CONTROL.findall(text)) > _FEW + len(text) // _AMONG:
        raise TableRefused(TableProblem.NOT_A_TABLE)
    try:
        for row in _records(text, _sign_of(text)):
            yield [Cell(value, is_number=_CUT.fullmatch(value.strip()) is not None) for value in row]
    except csv.Error as error:
        raise TableRefused(TableProblem.DAMAGED) from error


def _decoded(content: bytes) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-16" if marked else "cp1252", "replace")


def _sign_of(text: str) -> str:
    """That which parts the first line into the most cells."""
    header = text.lstrip("\r\n")
    return max(_SIGNS, key=lambda sign: len(next(_records(header, sign), ())))


def _records(text: str, sign: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
