"""Which files may be lists: by what they are and how they are called, before anybody opens them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from bot.files import UNKNOWN_MIME
from bot.reading.words import FORMATS
from models.files import FileState, StoredFile

_ENDINGS: Final = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"})
_MIMES: Final = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)


def may_be_list(file: StoredFile) -> bool:
    """A spreadsheet, or a text of which its channel keeps no name; no picture, whatever it is called."""
    if file.state is not FileState.STORED or file.mime in FORMATS:
        return False
    ending = PurePath(file.name or "").suffix.lower()
    return file.mime in _MIMES or ending in _ENDINGS or (file.mime == UNKNOWN_MIME and not ending)
