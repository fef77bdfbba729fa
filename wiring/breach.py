"""``run.py breach``: the clock, the list of people, and drafts of the notices."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from models.rights import Breach
from office import breaches
from office.breaches import Concerned

PEOPLE, TO_PEOPLE, TO_AUTHORITY = "people.csv", "pemberitahuan-warga.txt", "pemberitahuan-lembaga.txt"


def line_of(breach: Breach) -> str:
    """``1  open until 2026-11-28 01:00:00+00:00  reason``."""
    state = f"closed {breach.closed_at}" if breach.closed_at else f"open, notices due by {breach.due_at}"
    return f"{breach.number}  {state}  since {breach.since}  {breach.reason}"


async def write_report(breach: Breach, folder: Path, *, everybody: bool) -> Sequence[Concerned]:
    """The list and both drafts into ``folder``, which must be new.  To be read over, and kept like papers.

    Raises: FileExistsError.
    """
    people = await breaches.concerned(breach, everybody=everybody)
    _make(folder)
    with _ours(folder / PEOPLE) as file:
        table = csv.writer(file)
        table.writerow(("contact", "name", "channels", "requests", "fields", "first", "last"))
        table.writerows(_row(one) for one in people)
    fields = breaches.fields_of(people)
    with _ours(folder / TO_PEOPLE) as file:
        file.write(await breaches.notice_to_people(breach, fields) + "\n")
    with _ours(folder / TO_AUTHORITY) as file:
        file.write(await breaches.notice_to_authority(breach, people) + "\n")
    return people


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)


def _row(one: Concerned) -> tuple[str, ...]:
    return (
        str(one.contact.id),
        _harmless(one.contact.name),
        " ".join(one.channels),
        " ".join(one.numbers),
        " ".join(one.fields),
        one.first.isoformat() if one.first else "",
        one.last.isoformat() if one.last else "",
    )


def _harmless(text: str) -> str:
    """A name that a spreadsheet would take for a formula is text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _ours(path: Path) -> TextIO:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")
