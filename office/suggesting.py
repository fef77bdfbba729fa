"""Which papers OCR reads, and where what it read is kept: sealed beside the file, and gone with it.

Only of requests that were handed in, that a person works on and whose NIK nobody has entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.reading.ocr import Line
from models.database import rows
from models.files import FileState, StoredFile
from models.requests import Paper, Request
from office.context import office
from office.papers import papers_of
from office.suggestions import CARDS, Suggestion, packed, suggested_by, unpacked

_NEXT: Final = f"""
SELECT p.id FROM requests r
JOIN papers p ON p.request_id = r.id AND p.office_id = r.office_id
JOIN files f ON f.id = p.scan_id AND f.office_id = r.office_id
JOIN contacts c ON c.id = r.contact_id AND c.office_id = r.office_id
WHERE r.office_id = $1 AND r.state IN ('submitted', 'in_review', 'needs_correction') AND r.nik IS NULL
AND c.restricted_at IS NULL AND p.state = 'received' AND f.state = 'stored' AND f.suggested IS NULL
AND ({" OR ".join(f"p.slot LIKE '{card}%'" for card in CARDS)})
ORDER BY r.submitted_at, p.id LIMIT 1
"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True)
class ToRead:
    paper: Paper
    name: str | None  # of whom the request is about


async def next_to_read() -> ToRead | None:
    for row in await rows(_NEXT, [office().office_id]):
        paper = await Paper.get(id=row["id"]).prefetch_related("scan", "request")
        return ToRead(paper, paper.request.subject_name)
    return None


async def keep(read: ToRead, lines: Sequence[Line]) -> None:
    """What the lines say of it; it is not read again.  A file that was purged meanwhile stays so."""
    scan = read.paper.scan
    text = packed(suggested_by(lines, read.paper.slot, read.name))
    here = StoredFile.filter(id=scan.id, office_id=scan.office_id, state=FileState.STORED)
    await here.update(**scan.sealed(suggested=text))


async def drop(request: Request) -> None:
    """A person has decided: what was suggested is needed no more."""
    scans = [paper.scan_id for paper in await papers_of(request)]
    read = StoredFile.filter(id__in=scans, office_id=request.office_id).exclude(suggested=None)
    await read.update(suggested="")


async def fitting(request: Request) -> Suggestion | None:
    """The NIK on one of its papers, beside the name of whom it is about.  None where they disagree."""
    read = [unpacked(paper.scan.suggested) for paper in await papers_of(request)]
    found = [one for one in read if one is not None and one.nik and one.fits(request.subject_name)]
    return found[0] if len({one.nik for one in found}) == 1 else None
