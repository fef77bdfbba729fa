"""An XLSX is judged before it is opened, and written anew: who opens it sees nothing that was not judged.

Runs in the child.
"""

import html
import io
import re
import stat
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final

from bot.reading.words import TableProblem, TableRefused

MOST_BYTES: Final = 20 * 1024**2  # of all members, unpacked
MOST_RATIO: Final = 100  # how many times a member may swell
MOST_MEMBERS: Final = 50

_XML: Final = (".xml", ".rels", ".vml")
_WORKBOOK: Final = re.compile(r"xl/workbook\d*\.xml")
_PROGRAMS: Final = re.compile(r"vbaproject|vbadata|/(macrosheets|dialogsheets|activex|embeddings)/")
_ELSEWHERE: Final = re.compile(r"/(externallinks|querytables)/|/connections\.xml$")
_ENTITIES: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""[^<]{0,8}<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_OUTSIDE: Final = re.compile(r"""TargetMode\s*=\s*["']\s*External""", re.IGNORECASE)
_TO_CLICK: Final = re.compile(r"""Type\s*=\s*["'][^"']*/hyperlink["']""")


def judged(content: bytes) -> bytes:
    """The XML of an XLSX, in an archive of ours that is not packed.  Raises: TableRefused; MemoryError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _judge_sizes(members)
            _judge_names(members)
            parts = {
                member.filename: _unpacked(archive, member)
                for member in members
                if member.filename.lower().endswith(_XML)
            }
    except (TableRefused, MemoryError):
        raise
    except Exception as error:  # the library raises whatever it likes
        raise TableRefused(TableProblem.DAMAGED) from error
    for name, part in parts.items():
        _judge_xml(name, part)
    return _written(parts)


def _judge_sizes(members: Sequence[zipfile.ZipInfo]) -> None:
    """By what the archive says of itself; `_unpacked` takes no byte more."""
    swells = any(member.file_size > MOST_RATIO * max(member.compress_size, 1) for member in members)
    if swells or len(members) > MOST_MEMBERS:
        raise TableRefused(TableProblem.BOMB)
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise TableRefused(TableProblem.TOO_BIG)


def _judge_names(members: Sequence[zipfile.ZipInfo]) -> None:
    names = [member.orig_filename.lower() for member in members]
    if any(_leads_out(name) for name in names) or any(map(_is_link, members)):
        raise TableRefused(TableProblem.BOMB)
    if any(member.flag_bits & 1 for member in members):
        raise TableRefused(TableProblem.ENCRYPTED)
    if any(map(_PROGRAMS.search, names)):
        raise TableRefused(TableProblem.MACROS)
    if any(map(_ELSEWHERE.search, names)):
        raise TableRefused(TableProblem.EXTERNAL_LINKS)
    if not any(map(_WORKBOOK.fullmatch, names)):
        raise TableRefused(TableProblem.NOT_A_TABLE)
    if len(set(names)) < len(names):
        raise TableRefused(TableProblem.DAMAGED)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0")


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as packed:
        return packed.read(member.file_size)


def _judge_xml(name: str, part: bytes) -> None:
    """In one encoding alone: in another, the words that are looked for would not be seen."""
    encoding = _ENCODING.match(part)
    if b"\0" in part or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii")):
        raise TableRefused(TableProblem.DAMAGED)
    if _ENTITIES.search(part):
        raise TableRefused(TableProblem.BOMB)
    if name == "[Content_Types].xml" and b"macroenabled" in part.lower():
        raise TableRefused(TableProblem.MACROS)
    if name.lower().endswith(".rels") and _fetches(html.unescape(part.decode(errors="replace"))):
        raise TableRefused(TableProblem.EXTERNAL_LINKS)


def _fetches(relations: str) -> bool:
    """Whether one of them leads outside without being clicked."""
    return any(_OUTSIDE.search(one) and not _TO_CLICK.search(one) for one in relations.split("<"))


def _written(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return file.getvalue()
