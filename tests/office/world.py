"""A small office with people in it: what the tests of the office begin with."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from models.contacts import Contact
from models.database import transaction
from models.files import StoredFile
from models.outbox import OutboxMessage
from models.requests import JournalEntry, Request, RequestState
from models.staff import Role, Staff
from office import desk, papers, queue, requests, staff
from office.catalogue import Service
from office.context import office
from office.lifecycle import by_staff, move
from office.villages import village

T = TypeVar("T")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10.00 WITA, a Tuesday
METINA = "53.14.03.1011"


async def act(work: Callable[[], Awaitable[T]]) -> T:
    """One message's transaction."""
    return await transaction(work)


class World:
    """Makes what is asked for, each time another one."""

    def __init__(self) -> None:
        self._counter = itertools.count(1)

    @property
    def office_id(self) -> int:
        return office().office_id

    def service(self, code: str = "KTP_HILANG") -> Service:
        return office().catalogue.service(code)

    async def citizen(self, name: str = "Maria Tungga") -> Contact:
        return await Contact.create(office_id=self.office_id, name=name, created_at=NOW)

    async def operator(self, name: str = "Yanti Fanggidae", role: Role = Role.OPERATOR) -> Staff:
        village_code = METINA if role is Role.VILLAGE_HEAD else None
        person, _ = await act(lambda: staff.add(name, role, NOW, village_code))
        return person

    async def bound(self, person: Staff, name: str = "") -> Contact:
        """A chat that speaks for this person."""
        chat = await self.citizen(name)
        code = await act(lambda: staff.new_binding_code(person, NOW))
        await act(lambda: staff.bind(code, chat, "telegram", "bot", NOW))
        return chat

    async def scan(self, mime: str = "image/jpeg", size: int = 120_000, sha: str | None = None) -> StoredFile:
        number = next(self._counter)
        return await StoredFile.create(
            office_id=self.office_id,
            file_id=f"wa-{number}",
            mime=mime,
            size=size,
            sha256=sha or f"{number:064x}",
            created_at=NOW,
        )

    async def draft(
        self, code: str = "KTP_HILANG", citizen: Contact | None = None, name: str = "Maria Tungga"
    ) -> Request:
        """Everything filled in but the papers."""
        who = citizen or await self.citizen()

        async def fill() -> Request:
            request = await requests.start(self.service(code), who, "whatsapp", "1234", NOW)
            await requests.accept_privacy(request, NOW)
            await requests.set_for(request, for_self=True)
            await requests.set_name(request, name)
            return await requests.set_village(request, village(METINA))

        return await act(fill)

    async def with_papers(self, request: Request) -> Request:
        missing = (await papers.checklist(request)).missing
        scans: Sequence[tuple[StoredFile, str | None]] = [(await self.scan(), slot.key) for slot in missing]
        await act(lambda: papers.take(request, scans, NOW))
        return await Request.get(id=request.id)

    async def submitted(
        self, code: str = "KTP_HILANG", citizen: Contact | None = None, at: datetime = NOW
    ) -> Request:
        request = await self.with_papers(await self.draft(code, citizen))
        return await act(lambda: requests.submit(request, at))

    async def taken(self, person: Staff, code: str = "KTP_HILANG", citizen: Contact | None = None) -> Request:
        request = await self.submitted(code, citizen)
        return await act(lambda: queue.take(person, request.queue_number, NOW))

    async def complete(self, person: Staff, code: str = "KTP_HILANG", citizen: Contact | None = None) -> int:
        number = queue_number(await self.taken(person, code, citizen))
        await act(lambda: desk.complete(number, person, NOW))
        return number

    async def put_in(self, request: Request, state: RequestState, person: Staff) -> Request:
        """Set down in a state without a way there: the way is what a test of one edge is not about."""
        await Request.filter(id=request.id).update(state=state, owner_id=person.id)
        return await Request.get(id=request.id)


def queue_number(request: Request) -> int:
    number: int | None = request.queue_number
    assert number is not None
    return number


async def journal(request: Request) -> list[tuple[str, str | None, str | None]]:
    """Action, state before, state after: of every row in order."""
    entries = await JournalEntry.filter(request_id=request.id).order_by("id")
    return [(entry.action, entry.before, entry.after) for entry in entries]


async def notices_of(request: Request) -> list[OutboxMessage]:
    return await OutboxMessage.filter(subject=f"request:{request.id}").order_by("id")


__all__ = ["METINA", "NOW", "World", "act", "by_staff", "journal", "move", "notices_of", "queue_number"]
