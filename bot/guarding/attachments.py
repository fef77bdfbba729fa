"""Files that may leave: pictures, PDF and spreadsheets without programs, by their bytes, rightly named."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

ENDINGS: Final = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "image/heif": (".heif", ".heic"),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
}


def well_named(name: str, mime: str) -> str:
    """The name with an ending of its kind: ``surat.pdf.exe`` that is a picture is ``surat.pdf.exe.jpg``."""
    endings = ENDINGS[mime]
    return name if PurePath(name.lower()).suffix in endings else f"{name}{endings[0]}"
