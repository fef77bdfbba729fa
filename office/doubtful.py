"""Notices of a restored copy of which nobody knows whether they came."""

from __future__ import annotations

from dataclasses import dataclass

from bot import freeze
from models.outbox import OutboxKind
from models.requests import Request
from office.context import office


@dataclass(frozen=True, slots=True)
class Doubtful:
    """``queue_number``: what staff call the request; `/lihat` shows the rest."""

    queue_number: int
    name: str


async def notices() -> list[Doubtful]:
    """Those about a request, oldest first; they are never dropped and never sent by themselves."""
    office_id = office().office_id
    found = await freeze.doubtful().filter(office_id=office_id, kind=OutboxKind.NOTICE).order_by("id")
    about = [(request, row.name) for row in found if (request := _request(row.subject)) is not None]
    numbers = dict(
        await Request.filter(
            office_id=office_id, id__in={request for request, _ in about}, queue_number__isnull=False
        ).values_list("id", "queue_number")
    )
    return [Doubtful(numbers[request], name) for request, name in about if request in numbers]


def _request(subject: str | None) -> int | None:
    """The id behind `notices.subject_of`."""
    kind, _, ident = (subject or "").partition(":")
    return int(ident) if kind == "request" and ident.isdigit() else None
