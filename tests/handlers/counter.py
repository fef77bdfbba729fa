"""The counter as the tests know it: people with chats, and requests to work on."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, cast

from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.enums import ParseMode
from aiogram.methods import SendDocument, SendMessage, SendPhoto, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, Message, MessageOriginHiddenUser, Update, User

from handlers import operator, village
from models.contacts import Contact
from models.database import transaction
from models.files import StoredFile
from models.outbox import OutboxMessage
from models.requests import Request
from models.staff import Role, Staff
from office import papers, requests, staff
from office.context import office
from office.identity import Nik
from office.villages import village as village_of

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09.00 WITA, a Tuesday
CHANNEL, ACCOUNT = "telegram", "42"
UNKNOWN = "Perintah itu tidak dikenal."  # what the citizens' router of these tests says to everything
BEYOND_THE_ROLE = "Peran akun ini tidak mencakup perintah itu. Mohon minta peran yang sesuai kepada admin."
METINA = "53.14.03.1011"
OELUA = "53.14.11.2001"


class Ear(BaseSession):
    """Keeps every method that a handler calls, and answers as Telegram would."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[TelegramMethod[Any]] = []

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        assert isinstance(method, SendMessage | SendPhoto | SendDocument), method
        self.methods.append(method)
        chat = Chat(id=int(method.chat_id), type="private")
        return cast(TelegramType, Message(message_id=len(self.methods), date=NOW, chat=chat))

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        raise AssertionError("no handler downloads")
        yield b""

    async def close(self) -> None:
        """aiogram demands one; this session opens nothing."""


class Person:
    """Somebody with a chat: a citizen, or staff once bound."""

    def __init__(self, counter: "Counter", contact: Contact) -> None:
        self.counter = counter
        self.contact = contact

    async def says(self, text: str | None, *, chat: str = "private") -> None:
        """One message, handled in one transaction as the core does it, and answered by one text."""
        before = len(self.texts)
        await self.counter.handle(self.contact.id, text, chat)
        assert len(self.texts) == before + 1

    async def forwards(self, text: str) -> None:
        """Somebody else's words."""
        await self.counter.handle(self.contact.id, text, "private", forwarded=True)

    @property
    def _methods(self) -> list[TelegramMethod[Any]]:
        return [m for m in self.counter.ear.methods if int(getattr(m, "chat_id", 0)) == self.contact.id]

    @property
    def texts(self) -> list[str]:
        return [method.text for method in self._methods if isinstance(method, SendMessage)]

    @property
    def heard(self) -> str:
        """The last text."""
        return self.texts[-1]

    @property
    def scans(self) -> list[tuple[str, str, str]]:
        """Papers sent to this chat: ``photo`` or ``document``, file id, caption."""
        return [
            ("photo", str(method.photo), method.caption or "")
            if isinstance(method, SendPhoto)
            else ("document", str(method.document), method.caption or "")
            for method in self._methods
            if isinstance(method, SendPhoto | SendDocument)
        ]

    async def notices(self) -> list[str]:
        """Names of what was queued unasked for this person, in order."""
        rows = await OutboxMessage.filter(contact_id=self.contact.id, kind="notice").order_by("id")
        return [row.name for row in rows]


class Counter:
    """The staff's routers in front of one that answers every citizen alike."""

    def __init__(self) -> None:
        self.now = NOW
        self.ear = Ear()
        self.bot = Bot("42:TEST", session=self.ear, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
        self._ids = count(1)

    async def handle(self, contact_id: int, text: str | None, chat: str, *, forwarded: bool = False) -> None:
        number = next(self._ids)
        message = Message(
            message_id=number,
            date=self.now,
            chat=Chat(id=contact_id, type=chat),
            from_user=User(id=contact_id, is_bot=False, first_name="X"),
            text=text,
            forward_origin=MessageOriginHiddenUser(date=self.now, sender_user_name="Y")
            if forwarded
            else None,
        )
        contact = await Contact.get(id=contact_id)
        await transaction(
            lambda: _routers().feed_update(
                self.bot,
                Update(update_id=number, message=message),
                contact=contact,
                channel=CHANNEL,
                account=ACCOUNT,
                files=(),
                album=(),
                clock=lambda: self.now,
                identity="chat",
            )
        )

    async def person(self, name: str = "Yuliana Ndun", language: str = "id") -> Person:
        contact = await Contact.create(
            office_id=office().office_id, name=name, language=language, created_at=self.now
        )
        return Person(self, contact)

    async def colleague(
        self, name: str = "Ani", role: Role = Role.OPERATOR, language: str = "id"
    ) -> tuple[Person, Staff]:
        """Somebody at the desk whose chat is bound by the code they were given."""
        member, code = await staff.add(name, role, self.now)
        person = await self.person(name, language)
        await person.says(f"/masuk {code}")
        return person, member

    async def comes_back(self, person: Person, name: str) -> None:
        """After a night: a new code wakes the chat."""
        _, code = await staff.renew_code(name, self.now)
        await person.says(f"/masuk {code}")

    async def operator(self, name: str = "Ani", language: str = "id") -> Person:
        return (await self.colleague(name, language=language))[0]

    async def request(
        self,
        citizen: Person | None = None,
        *,
        service: str = "KTP_HILANG",
        name: str = "Maria Adoe",
        home: str = METINA,
        nik: str | None = None,
        scans: Mapping[str, str] | None = None,
    ) -> Request:
        """A request handed in with its papers, an hour after the one before."""
        citizen = citizen or await self.person()
        self.now += timedelta(hours=1)
        offered = office().catalogue.service(service)
        request = await requests.start(offered, citizen.contact, CHANNEL, ACCOUNT, self.now)
        await requests.accept_privacy(request, self.now)
        await requests.set_for(request, True)
        await requests.set_name(request, name)
        await requests.set_village(request, village_of(home))
        if nik is not None:
            await requests.set_nik(request, Nik.parse(nik), "chat")
        for slot in offered.required_papers:
            mime = (scans or {}).get(slot.key, "image/jpeg")
            await papers.take(request, [(await self._scan(mime), slot.key)], self.now)
        return await requests.submit(request, self.now)

    async def requests(self, how_many: int) -> Sequence[int]:
        """Queue numbers of so many requests, each of another citizen."""
        return [(await self.request()).queue_number or 0 for _ in range(how_many)]

    async def _scan(self, mime: str) -> StoredFile:
        number = next(self._ids)
        return await StoredFile.create(
            office_id=office().office_id,
            file_id=f"tg-{number}",
            storage_key=f"key-{number}",
            mime=mime,
            size=1000,
            sha256=f"{number:064x}",
            created_at=self.now,
        )


@cache
def _routers() -> Dispatcher:
    """The same for every counter: no test here goes on with what a state remembers."""
    dispatcher = Dispatcher()
    dispatcher.include_routers(operator.router(), village.router(), _citizens())
    return dispatcher


def _citizens() -> Router:
    here = Router(name="citizens")

    async def unknown(message: Message) -> None:
        await message.answer(UNKNOWN)

    here.message.register(unknown)
    return here
