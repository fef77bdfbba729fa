"""A citizen before the routers: what is said, tapped and sent, and what is heard.

The routers run in a real `Dispatcher` on a real database.  The session below stands where the outbox does:
it writes down what the handlers say.  Typed numbers and labels become taps as the core makes them.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import AnswerCallbackQuery, SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardMarkup, Message, Update

from bot.channels.base import Channel
from bot.choices import Shown, offered
from bot.typed import as_tap
from handlers import citizen as conversation
from models.contacts import Contact
from models.database import transaction
from models.files import FileState, StoredFile
from office.context import office

TUESDAY_MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09.00 WITA: the office is open
LIMITS = {"text": 4096, "label": 24, "rows": 10, "data": 64}  # of the narrowest channel


class Heard(BaseSession):
    """Takes every method down and answers as Telegram would."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[TelegramMethod[Any]] = []

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.methods.append(method)
        if isinstance(method, SendMessage):
            return Message.model_validate(
                {
                    "message_id": len(self.methods),
                    "date": 0,
                    "chat": {"id": method.chat_id, "type": "private"},
                    "text": method.text,
                }
            )
        return True

    async def close(self) -> None:
        """aiogram demands one; this session opens nothing."""

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        raise AssertionError("no handler downloads")
        yield b""


@cache
def _routers() -> Dispatcher:
    """The same for everybody: what is said lies in the storage of each."""
    dispatcher = Dispatcher()
    dispatcher.include_router(conversation.router())
    return dispatcher


class Citizen:
    """One person in one private chat."""

    def __init__(self, contact: Contact, channel: Channel, identity: str, now: datetime) -> None:
        self.contact = contact
        self.now = now
        self.in_doubt = False  # the number may have new hands
        self._channel = channel
        self._identity = identity
        self._session = Heard()
        self._bot = Bot("42:TEST", session=self._session, default=DefaultBotProperties(parse_mode="HTML"))
        self._storage = MemoryStorage()
        self._updates = 0
        self._files = 0
        self._shown = Shown(0, ())
        self.answers: list[SendMessage] = []

    @property
    def heard(self) -> str:
        """Everything said in answer to the last step, as plain text."""
        text = "\n\n".join(answer.text for answer in self.answers)
        return text.replace("<b>", "").replace("</b>", "")

    @property
    def buttons(self) -> dict[str, str]:
        """The last keyboard shown: label → callback data."""
        return {choice.label: choice.data or "" for choice in self._shown.choices}

    async def says(self, *texts: str) -> str:
        for text in texts:
            await self._feed(as_tap(self._update(self._message(text=text)), self._shown))
        return self.heard

    async def taps(self, label: str) -> str:
        return await self.taps_old(self.buttons[label])

    async def taps_old(self, data: str) -> str:
        """A button with this callback data, wherever it was shown."""
        self._updates += 1
        update = {
            "update_id": self._updates,
            "callback_query": {
                "id": str(self._updates),
                "from": self._person(),
                "chat_instance": "1",
                "message": self._message(text="-"),
                "data": data,
            },
        }
        await self._feed(update)
        return self.heard

    async def sends(self, *pictures: "str | StoredFile", captions: Sequence[str] = ()) -> str:
        """Photos sent together; a picture is named by its content, so the same name is the same picture."""
        files = [one if isinstance(one, StoredFile) else await self.file(one) for one in pictures]
        messages = []
        for place, file in enumerate(files):
            photo = {"file_id": file.file_id, "file_unique_id": file.file_id, "width": 0, "height": 0}
            caption = {"caption": captions[place]} if place < len(captions) else {}
            messages.append(self._message(photo=[photo], **caption))
        await self._feed_album(messages, files)
        return self.heard

    async def sends_kind(self, **content: Any) -> str:
        """A message of another kind, as the Bot API shapes it."""
        await self._feed_album([self._message(**content)], [])
        return self.heard

    async def edits(self, text: str) -> str:
        self._updates += 1
        await self._feed({"update_id": self._updates, "edited_message": self._message(text=text)})
        return self.heard

    async def says_in_a_group(self, text: str) -> list[SendMessage]:
        """What was answered there."""
        group = {"id": -5, "type": "group", "title": "Desa"}
        update = self._update({**self._message(text=text), "chat": group})
        return await self._answers(Update.model_validate(update, context={"bot": self._bot}))

    async def file(
        self,
        content: str,
        *,
        mime: str = "image/jpeg",
        size: int = 50_000,
        state: FileState = FileState.STORED,
        problem: str | None = None,
    ) -> StoredFile:
        self._files += 1
        return await StoredFile.create(
            office_id=office().office_id,
            file_id=f"t-{self.contact.id}-{self._files}",
            state=state,
            problem=problem,
            storage_key=content,
            mime=mime,
            size=size,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            created_at=self.now,
        )

    async def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def _person(self) -> dict[str, Any]:
        return {"id": self.contact.id, "is_bot": False, "first_name": "-"}

    def _message(self, **content: Any) -> dict[str, Any]:
        chat = {"id": self.contact.id, "type": "private", "first_name": "-"}
        self._updates += 1
        return {"message_id": self._updates, "date": 0, "chat": chat, "from": self._person(), **content}

    def _update(self, message: dict[str, Any]) -> dict[str, Any]:
        self._updates += 1
        return {"update_id": self._updates, "message": message}

    async def _feed_album(self, messages: Sequence[dict[str, Any]], files: Sequence[StoredFile]) -> None:
        album = [Message.model_validate(message, context={"bot": self._bot}) for message in messages]
        await self._feed(self._update(dict(messages[0])), album, files)

    async def _feed(
        self, update: Any, album: Sequence[Message] = (), files: Sequence[StoredFile] = ()
    ) -> None:
        parsed = Update.model_validate(update, context={"bot": self._bot})
        self.answers = await self._answers(parsed, album, files)
        assert len(self.answers) == 1, "one step, one answer"
        for answer in self.answers:
            within_limits(answer)
        keyboard = self.answers[-1].reply_markup
        self._shown = Shown(
            self._updates, offered(keyboard) if isinstance(keyboard, InlineKeyboardMarkup) else ()
        )

    async def _answers(
        self, update: Update, album: Sequence[Message] = (), files: Sequence[StoredFile] = ()
    ) -> list[SendMessage]:
        """One step, in one transaction, as the core runs it."""
        said = len(self._session.methods)
        self.contact = await Contact.get(id=self.contact.id)

        dispatcher = _routers()

        async def step() -> None:
            dispatcher.fsm.storage = self._storage
            await dispatcher.feed_update(
                self._bot,
                update,
                contact=self.contact,
                channel=self._channel,
                account="test",
                files=list(files),
                album=list(album) or ([update.message] if update.message else []),
                clock=lambda: self.now,
                identity=self._identity,
                in_doubt=self.in_doubt,
            )

        await transaction(step)
        methods = self._session.methods[said:]
        assert bool(update.callback_query) == any(isinstance(m, AnswerCallbackQuery) for m in methods)
        return [method for method in methods if isinstance(method, SendMessage)]


def within_limits(answer: SendMessage) -> None:
    """What the narrowest channel can show: no label twice, none cut off, no row too many."""
    assert len(answer.text) <= LIMITS["text"]
    if not isinstance(answer.reply_markup, InlineKeyboardMarkup):
        return
    buttons = [button for row in answer.reply_markup.inline_keyboard for button in row]
    labels = [button.text for button in buttons]
    assert len(buttons) <= LIMITS["rows"]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= LIMITS["label"] for label in labels), labels
    assert all(len((button.callback_data or "").encode()) <= LIMITS["data"] for button in buttons)


async def a_citizen(
    channel: Channel = Channel.TELEGRAM,
    identity: str = "chat",
    *,
    language: str = "id",
    now: datetime = TUESDAY_MORNING,
) -> Citizen:
    contact = await Contact.create(
        office_id=office().office_id, name="Yohanes", language=language, created_at=now
    )
    return Citizen(contact, channel, identity, now)
