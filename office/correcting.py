"""A fact that is wrong is put right: by the desk, for who asked for it by a data request.

What can be corrected is what the person said and we keep: name, NIK and village of a request.  The name of an
app and an address are the platform's, and change there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.contacts import Contact
from models.requests import Request, nik_index_of
from models.rights import DataRequest, DataRequestEnd, DataRight
from models.staff import Staff
from office.data_rights import answer, end, take
from office.forms import NikToConfirm
from office.identity import Decision, Nik
from office.lifecycle import CORRECTED, by_staff, locked, note_change, times_done
from office.names import read_name
from office.number import RequestNumber
from office.refusal import Refusal
from office.requests import RequestNotFound, printed
from office.senders import note_sender
from office.suggesting import drop
from office.villages import village
from office.words import plain

FIELDS: Final = ("name", "nik", "village")  # each has its word: `breach-field-…`


class NotACorrection(Refusal):
    """What was asked for is another right.  Facts: ``number``."""


class NothingToCorrect(Refusal):
    """Every field says already what it is to say."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How it should be, as typed; a field that is blank stays as it is.

    ``sure``: somebody has looked at an unusual NIK; ``ends``: with it the data request is answered.
    """

    name: str = ""
    nik: str = ""
    village: str = ""
    sure: bool = False
    ends: bool = True


async def correct(
    number: int, about: str, wanted: Wanted, staff: Staff, now: datetime
) -> tuple[DataRequest, tuple[str, ...]]:
    """Put facts of the request ``about`` right, as its person asked by the data request ``number``.

    The journal keeps, sealed, what stood there; the person is told.  Gives the `FIELDS` that were wrong.
    Raises: as `take`, NotACorrection, `RequestNumberUnreadable`, `RequestNotFound`, `NameUnreadable`,
    `NikUnreadable`, `NikToConfirm`, `VillageUnknown`, NothingToCorrect.
    """
    asked = await take(number, staff, now)
    if asked.right is not DataRight.CORRECT:
        raise NotACorrection(number=number)
    request = await locked(await _theirs(asked, about))
    columns = _read(request, wanted)
    if not columns:
        raise NothingToCorrect
    before = {field: _said(request, field) for field in columns}
    if wanted.ends:
        await end(asked, DataRequestEnd.DONE, staff, now)
    fresh = await note_change(
        request,
        actor=by_staff(staff),
        action=CORRECTED,
        now=now,
        detail={"before": before},
        **{name: value for written in columns.values() for name, value in written.items()},
    )
    if "nik" in columns:
        await drop(fresh)
        await note_sender(fresh.contact_id, now)
    await _tell(asked, fresh, tuple(columns), now)
    return asked, tuple(columns)


async def _theirs(asked: DataRequest, about: str) -> Request:
    number = RequestNumber.parse(about)
    theirs = Request.filter(office_id=asked.office_id, contact_id=asked.contact_id, forgotten_at=None)
    request = await theirs.get_or_none(number=number.characters)
    if request is None:
        raise RequestNotFound
    return request


def _read(request: Request, wanted: Wanted) -> Mapping[str, Mapping[str, object]]:
    """Of each field that changes, its columns."""
    found: dict[str, Mapping[str, object]] = {}
    if wanted.name.strip() and (name := read_name(wanted.name)) != request.subject_name:
        found["name"] = {"subject_name": name}
    if wanted.nik.strip() and (nik := _nik(wanted)).digits != request.nik:
        found["nik"] = {
            "nik": nik.digits,
            "nik_index": nik_index_of(request.office_id, nik.digits),
            "nik_flags": ",".join(flag.value for flag in nik.verdict.flags),
            "nik_source": "operator",
        }
    if wanted.village.strip() and (home := village(wanted.village)).code != request.village_code:
        found["village"] = {"village_code": home.code}
    return found


def _nik(wanted: Wanted) -> Nik:
    nik = Nik.parse(wanted.nik)
    if nik.verdict.decision is Decision.CONFIRM and not wanted.sure:
        raise NikToConfirm(last_four=nik.last_four)
    return nik


def _said(request: Request, field: str) -> str | None:
    return {"name": request.subject_name, "nik": request.nik, "village": request.village_code}[field]


async def _tell(asked: DataRequest, request: Request, fields: tuple[str, ...], now: datetime) -> None:
    contact = await Contact.get(id=asked.contact_id)
    words = plain(
        "data-corrected",
        contact.language,
        number=printed(request),
        fields=", ".join(plain(f"breach-field-{field}", contact.language) for field in fields),
    )
    turn = await times_done(request, CORRECTED)
    await answer(asked, words, now, f"corrected:{request.id}:{turn}")
