"""The outbox: what handlers and notices say becomes rows, in the transaction that decided it."""

from collections.abc import AsyncGenerator
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMe,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendVideo,
    SendVoice,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import File, InputFile, InputMedia, Message, User

from bot import choices, ids, jsontext, serialise
from bot.channels.base import ChannelAdapter, Degree
from bot.clock import Clock
from bot.directory import Directory, person
from bot.echo import echo, single_sends
from bot.files import Files
from bot.longtext import LONGEST, pieces
from bot.methods import UnsupportedOnChannel
from bot.metrics import DEGRADED
from bot.notices import Notice
from bot.step import current
from models.database import rows
from models.failpoint import failpoint
from models.files import StoredFile
from models.outbox import OutboxKind

CAPTIONED = (SendPhoto, SendDocument, SendVideo, SendAudio, SendVoice, SendAnimation)
TYPED = "typed:"  # callback ids that no platform knows: the tap was typed

_INSERT = """
INSERT INTO outbox (office_id, contact_id, channel, account, kind, key, name, payload, subject, state, due_at,
                    expires_at, attempts, receipt, created_at, degree)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, 0, 0, $12, $13)
ON CONFLICT (key) DO NOTHING
RETURNING id
"""


async def queue_notice(notice: Notice) -> bool:
    """Queue an unasked message in the running transaction; False if its key was queued before.

    Delivery words it when it is due.
    """
    contact = await person(notice.contact_id)
    queued = await rows(
        _INSERT,
        [
            contact.office_id, contact.id, notice.channel, notice.account, OutboxKind.NOTICE.value,
            notice.key, notice.name, jsontext.dumps(jsontext.clean(dict(notice.facts))), notice.subject,
            notice.due_at, notice.expires_at, notice.due_at, None,
        ],
    )  # fmt: skip
    failpoint("notice.queued")
    return bool(queued)


class OutboxSession(BaseSession):
    """The session that handlers hold: nothing leaves the house, everything becomes a row.

    A send returns a `Message` with our id, by which it can be edited, deleted or replied to later.
    Raises: UnsupportedOnChannel, before anything is written, for what the channel has nothing like.
    """

    def __init__(self, adapter: ChannelAdapter, directory: Directory, files: Files, clock: Clock) -> None:
        super().__init__()
        self._adapter = adapter
        self._directory = directory
        self._files = files
        self._clock = clock

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, await self._answer(bot, method))

    async def _answer(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if isinstance(method, GetMe):
            return User(id=bot.id, is_bot=True, first_name="Loket", username="loket_bot")
        if isinstance(method, GetFile):
            return await self._file(method)
        if isinstance(method, SendMediaGroup) and self._degree(method) is Degree.REFUSED:
            return [await self._say(bot, single, Degree.DEGRADED) for single in single_sends(method)]
        if isinstance(method, SendMessage) and len(method.text) > self._longest:
            return await self._in_pieces(bot, method)
        if isinstance(method, CAPTIONED) and len(method.caption or "") > self._adapter.caps.caption_limit:
            return await self._with_words_below(bot, method)
        return await self._say(bot, method)

    async def _say(self, bot: Bot, method: TelegramMethod[Any], already: Degree = Degree.NATIVE) -> Any:
        """``already``: what the method lost on its way here."""
        if choices.overfull(getattr(method, "reply_markup", None)):
            raise TelegramBadRequest(method=method, message="Bad Request: BUTTON_DATA_INVALID")
        degree = self._degree(method)
        if degree is Degree.NATIVE:
            degree = already
        if degree is not Degree.NATIVE:
            name = method.__api_method__
            DEGRADED.labels(channel=self._adapter.channel, method=name, degree=degree).inc()
        if degree is Degree.COSMETIC:
            return True
        if degree is Degree.REFUSED:
            raise UnsupportedOnChannel(
                method=method, message=f"{method.__api_method__} is unknown to {self._adapter.channel}"
            )
        method = await self._with_kept_files(bot, method)
        contact_id = await self._contact(method)
        row_id = await self._write(contact_id, method, bot, degree)
        self._note_choices(contact_id, row_id, method)
        return echo(bot, method, row_id, self._clock())

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        """How much of the method people get, what is done for it in this session included."""
        if isinstance(method, GetMe | GetFile):
            return Degree.NATIVE
        degree = self._degree(method)
        if isinstance(method, SendMediaGroup) and degree is Degree.REFUSED:
            one_by_one = {self._degree(single) for single in single_sends(method)}
            return Degree.REFUSED if Degree.REFUSED in one_by_one else Degree.DEGRADED
        return degree

    def _degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, AnswerCallbackQuery) and method.callback_query_id.startswith(TYPED):
            return Degree.COSMETIC
        return self._adapter.session.degree(method)

    async def _contact(self, method: TelegramMethod[Any]) -> int:
        step, chat = current(), getattr(method, "chat_id", None)
        if chat is None and step is not None:
            return step.contact_id
        found = await self._directory.contact_of(int(chat or 0), self._adapter.channel, self._adapter.account)
        if found is None:
            raise TelegramBadRequest(method=method, message="Bad Request: chat not found")
        return found

    async def _write(self, contact_id: int, method: TelegramMethod[Any], bot: Bot, degree: Degree) -> int:
        now = self._clock()
        written = await rows(
            _INSERT,
            [
                self._directory.office_id, contact_id, str(self._adapter.channel), self._adapter.account,
                OutboxKind.REPLY.value, None, method.__api_method__, serialise.to_row(method, bot), None, now,
                None, now, None if degree is Degree.NATIVE else degree.value,
            ],
        )  # fmt: skip
        failpoint("reply.queued")
        return int(written[0]["id"])

    def _note_choices(self, contact_id: int, row_id: int, method: TelegramMethod[Any]) -> None:
        step = current()
        speaks = method.__returning__ is Message or isinstance(
            method, EditMessageText | EditMessageReplyMarkup
        )
        if step is not None and step.contact_id == contact_id and speaks:
            shown_at = getattr(method, "message_id", None) or ids.message_id(row_id)
            step.shows(shown_at, choices.offered(getattr(method, "reply_markup", None)))

    @property
    def _longest(self) -> int:
        return min(LONGEST, self._adapter.caps.text_limit)

    async def _with_words_below(self, bot: Bot, method: TelegramMethod[Message]) -> Message:
        """A file whose caption is too long stands alone, words and buttons below.  The file's message."""
        bare = {"caption": None, "caption_entities": None, "reply_markup": None}
        sent = await self._say(bot, method.model_copy(update=bare), Degree.DEGRADED)
        told: Any = method
        words = SendMessage(
            chat_id=told.chat_id,
            text=told.caption,
            parse_mode=told.parse_mode,
            entities=told.caption_entities,
            reply_markup=told.reply_markup,
        )
        await self._answer(bot, words)
        return cast(Message, sent)

    async def _in_pieces(self, bot: Bot, method: SendMessage) -> Message:
        *first, last = pieces(method.text, self._longest)
        for text in first:
            await self._say(bot, method.model_copy(update={"text": text, "reply_markup": None}))
        return cast(Message, await self._say(bot, method.model_copy(update={"text": last})))

    async def _with_kept_files(self, bot: Bot, method: TelegramMethod[Any]) -> TelegramMethod[Any]:
        """The method with our file ids for the bytes in it, which are kept before a row names them."""
        return cast(TelegramMethod[Any], await self._kept(bot, method))

    async def _kept(self, bot: Bot, value: Any) -> Any:
        if isinstance(value, InputFile):
            return await self._files.keep_upload(value, bot, self._adapter.caps.file_prefix, self._clock())
        if isinstance(value, list):
            return [await self._kept(bot, item) for item in value]
        if isinstance(value, TelegramMethod | InputMedia):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            parts = {n: part for n, part in fields.items() if isinstance(part, InputFile | InputMedia | list)}
            return value.model_copy(update={n: await self._kept(bot, part) for n, part in parts.items()})
        return value

    async def _file(self, method: GetFile) -> File:
        row = await StoredFile.get_or_none(file_id=method.file_id)
        if row is None:
            raise TelegramBadRequest(method=method, message="Bad Request: wrong file_id")
        return File(
            file_id=row.file_id, file_unique_id=row.file_id, file_size=row.size, file_path=row.file_id
        )

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """A file that we hold, by the path that `GetFile` gave (the end of ``url``)."""
        held = await self._files.read(url.rsplit("/", 1)[-1])
        for start in range(0, len(held.content), chunk_size):
            yield held.content[start : start + chunk_size]

    async def close(self) -> None:
        """Nothing is held open."""
