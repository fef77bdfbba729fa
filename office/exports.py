"""A person's own data as a file: what is in it, and the one-time page where they fetch it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tortoise.expressions import Q

from models.contacts import Contact
from models.files import FileState, StoredFile
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxMessage
from models.requests import Question, Request
from models.rights import Consent, DataRequest, ExportToken
from models.sealing.rows import SCRUBBED
from office.codes import hash_of, new_token
from office.context import office
from office.forms import NoPublicAddress
from office.my_data import Holding, holding
from office.refusal import Refusal
from office.requests import printed
from office.suggestions import unpacked

LIVES: Final = timedelta(hours=24)

Facts = Mapping[str, Any]


class ExportExpired(Refusal):
    """The page is too old, was replaced by a newer one, or never was."""


class ExportUsed(Refusal):
    """The file was fetched before."""


@dataclass(frozen=True, slots=True)
class Export:
    """``data``: all that the rows say.  ``files``: name within the archive → where its bytes lie."""

    data: Facts
    files: Mapping[str, str]


async def open_export(contact: Contact, now: datetime) -> str:
    """The address of a new page, good for a day and one file; older are void.  Raises: NoPublicAddress."""
    public_url = office().public_url
    if public_url is None:
        raise NoPublicAddress
    older = ExportToken.filter(contact_id=contact.id, used_at=None, expires_at__gt=now)
    await older.update(expires_at=now)
    token = new_token()
    await ExportToken.create(
        office_id=contact.office_id,
        contact_id=contact.id,
        token_hash=hash_of(token),
        created_at=now,
        expires_at=now + LIVES,
    )
    return f"{public_url}/d/{token}"


async def look(token: str, now: datetime) -> Contact:
    """Whose page it is.  Raises: ExportExpired, ExportUsed."""
    return (await _valid(token, now)).contact


async def redeem(token: str, now: datetime) -> Contact:
    """Use it up.  Raises: ExportExpired, ExportUsed."""
    page = await _valid(token, now)
    if not await ExportToken.filter(id=page.id, used_at=None).update(used_at=now):
        raise ExportUsed
    return page.contact


async def export_of(contact: Contact, now: datetime) -> Export:
    """Everything that `data saya` counts, in full, and every file of theirs that we still hold."""
    held = await holding(contact)
    files = await _files(contact, held)
    messages = await _messages(contact)
    data = {
        "taken_at": _iso(now),
        "office": office().office.name.in_language("id"),
        "person": {
            "name": contact.name,
            "language": contact.language,
            "known_since": _iso(contact.created_at),
            "restricted_since": _iso(contact.restricted_at),
            "addresses": [
                {"channel": one.channel, "kind": one.kind, "value": one.value} for one in held.addresses
            ],
        },
        "requests": [_request(request) for request, _ in held.requests],
        "opened_by": [
            {
                "request": printed(one.request) if one.request else None,
                "who": one.who,
                "at": _iso(one.at),
                "action": one.action,
            }
            for one in held.openings
        ],
        "questions": [
            {"number": one.number, "text": one.text, "asked_at": _iso(one.asked_at)}
            for one in await Question.filter(contact_id=contact.id).exclude(text="").order_by("id")
        ],
        "messages": messages,
        "consents": [
            {"purpose": one.purpose.value, "given": one.given, "version": one.version, "at": _iso(one.at)}
            for one in await Consent.filter(contact_id=contact.id).order_by("id")
        ],
        "data_requests": [
            {"number": one.number, "right": one.right.value, "asked_at": _iso(one.asked_at)}
            for one in await DataRequest.filter(contact_id=contact.id).order_by("id")
        ],
        "files": sorted(files),
        "read_by_ocr": await _suggestions(contact),
    }
    return Export(data, files)


def _request(request: Request) -> Facts:
    return {
        "number": printed(request),
        "service": request.service,
        "state": request.state.value,
        "subject_name": request.subject_name,
        "relation": request.relation,
        "nik": request.nik,
        "village_code": request.village_code,
        "created_at": _iso(request.created_at),
        "submitted_at": _iso(request.submitted_at),
        "complete_at": _iso(request.complete_at),
        "closed_at": _iso(request.closed_at),
        "reason": request.reason,
    }


async def _messages(contact: Contact) -> Sequence[Facts]:
    """Both sides in the order of time; each as its platform shaped it, or as we did."""
    mine = {"office_id": contact.office_id, "contact_id": contact.id}
    heard = await InboxEvent.filter(**mine, kind=InboxKind.MESSAGE).exclude(body=SCRUBBED)
    said = await OutboxMessage.filter(**mine).exclude(payload=SCRUBBED)
    lines = [
        (one.received_at, {"from": "me", "channel": one.channel, "content": json.loads(one.body)})
        for one in heard
    ]
    lines += [
        (
            one.created_at,
            {"from": "office", "channel": one.channel, "kind": one.name, "content": json.loads(one.payload)},
        )
        for one in said
    ]
    return [{"at": _iso(at), **line} for at, line in sorted(lines, key=lambda line: line[0])]


async def _suggestions(contact: Contact) -> Sequence[Facts]:
    """What a machine read on their papers, while nobody has entered the NIK."""
    read = [unpacked(file.suggested) for file in await _held_of(contact)]
    return [{"nik": one.nik and one.nik.digits, "name": one.name} for one in read if one is not None]


async def _held_of(contact: Contact) -> Sequence[StoredFile]:
    theirs = Q(event__contact_id=contact.id) | Q(page_of__event__contact_id=contact.id)
    return await StoredFile.filter(theirs, state=FileState.STORED).order_by("id")


async def _files(contact: Contact, held: Holding) -> Mapping[str, str]:
    """Papers under their request and slot; what was sent besides under ``lain``."""
    slots = {
        paper.scan_id: f"{printed(request)}/{paper.slot}"
        for request, papers in held.requests
        for paper in papers
    }
    return {
        f"berkas/{slots.get(file.id, 'lain')}-{file.file_id}{_ending(file.mime)}": file.storage_key
        for file in await _held_of(contact)
        if file.storage_key is not None
    }


def _ending(mime: str) -> str:
    return {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}.get(
        mime, ""
    )


async def _valid(token: str, now: datetime) -> ExportToken:
    here = ExportToken.filter(office_id=office().office_id, token_hash=hash_of(token))
    page = await here.get_or_none().select_related("contact")
    if page is not None and page.used_at is not None:
        raise ExportUsed
    if page is None or page.expires_at <= now or page.contact.erased_at is not None:
        raise ExportExpired
    return page


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
