"""What reading a file on arrival tells of a paper: its pages, whether it can be read, what it looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from bot.reading.looks import alike
from bot.reading.words import Verdict
from models.files import StoredFile
from models.requests import JournalEntry, Paper, Request

UNREADABLE: Final = "unreadable"  # the journal's word
MOST_TRIES: Final = 2  # unreadable pictures of one paper that are sent back; the next one a person looks at


def unreadable(scan: StoredFile) -> Verdict | None:
    """Why nobody can read it, or None; also for a file that was not judged."""
    if scan.verdict is None or scan.verdict == Verdict.READABLE:
        return None
    return Verdict(scan.verdict)


def sent_as(scan: StoredFile) -> str | None:
    """SHA-256 of the bytes that came: the same file sent again has the same."""
    return scan.sent_sha256 or scan.sha256


async def pages_of(scan: StoredFile) -> list[StoredFile]:
    """The file and the further pages of its document, in order."""
    return [scan, *await StoredFile.filter(page_of_id=scan.id).order_by("position")]


async def document_of(page: StoredFile) -> list[StoredFile]:
    """All pages of the document to which this one belongs, in order."""
    if page.page_of_id is None:
        return await pages_of(page)
    return await pages_of(await StoredFile.get(id=page.page_of_id))


def same_document(one: StoredFile, other: StoredFile) -> bool:
    """Whether both are pages of one file."""
    return (one.page_of_id or one.id) == (other.page_of_id or other.id)


async def sent_back(request: Request, slot: str, since: Sequence[str]) -> int:
    """How many unreadable pictures were sent back for a slot since the last of these actions on it."""
    said = JournalEntry.filter(request_id=request.id, action__in=(UNREADABLE, *since)).order_by("id")
    count = 0
    async for entry in said:
        if json.loads(entry.detail).get("slot") == slot:
            count = count + 1 if entry.action == UNREADABLE else 0
    return count


def twins(papers: Sequence[Paper]) -> Mapping[int, int]:
    """Paper id → the place, from 1, of an earlier paper that looks like the same picture.

    Pages of one document may well look alike: an empty form has them so.
    """
    found: dict[int, int] = {}
    for place, paper in enumerate(papers):
        for before, other in enumerate(papers[:place], start=1):
            if alike(paper.scan.looks, other.scan.looks) and not same_document(paper.scan, other.scan):
                found[paper.id] = before
                break
    return found
