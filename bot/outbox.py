"""The outbox: what handlers and notices say becomes rows, in the transaction that decided it."""

from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    CopyMessage,
    CopyMessages,
    DeleteMyCommands,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    GetChat,
    GetFile,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendVideo,
    SendVoice,
    SetChatMenuButton,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import AcceptedGiftTypes, ChatFullInfo, File, InputFile, InputMedia, Message

from bot import choices, ids, itself, jsontext, serialise
from bot.channels.base import ChannelAdapter, Degree
from bot.clock import Clock
from bot.copying import COPYING, result, sends_for
from bot.directory import Directory, person
from bot.echo import echo, single_sends
from bot.files import Files
from bot.guarding.guard import Guard, files_in
from bot.longtext import LONGEST, pieces
from bot.message_log import MessageLog, changes_nothing, said_anew
from bot.methods import UnsupportedOnChannel
from bot.metrics import DEGRADED
from bot.notices import Notice
from bot.refusals import refusal
from bot.step import current
from bot.switchboard import Place, Switchboard
from bot.unsaid import sealed
from models.database import rows
from models.failpoint import failpoint
from models.files import StoredFile
from models.outbox import OutboxKind, sealed_payload

CAPTIONED = (SendPhoto, SendDocument, SendVideo, SendAudio, SendVoice, SendAnimation)
_WITH_FILES = (InputFile, InputMedia, list)
_ANSWERED = (GetFile, GetChat, CopyMessage, CopyMessages)  # here, by our own log
_EDITS = (EditMessageText, EditMessageCaption, EditMessageReplyMarkup)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)  # the Bot API's words, which bots look for
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
    facts = jsontext.dumps(jsontext.clean(dict(notice.facts)))
    queued = await rows(
        _INSERT,
        [
            contact.office_id, contact.id, notice.channel, notice.account, OutboxKind.NOTICE.value,
            notice.key, notice.name,
            sealed_payload(contact.office_id, notice.key, notice.name, notice.due_at, facts), notice.subject,
            notice.due_at, notice.expires_at, notice.due_at, None,
        ],
    )  # fmt: skip
    failpoint("notice.queued")
    return bool(queued)


class OutboxSession(BaseSession):
    """The session that handlers hold: nothing leaves the house, everything becomes a row.

    A send returns a `Message` with our id, by which it can be edited, deleted or replied to later.
    Raises: UnsupportedOnChannel, before anything is written, for what the channel has nothing like; Unfit,
    likewise, for what may not leave.
    """

    def __init__(
        self,
        adapter: ChannelAdapter,
        directory: Directory,
        files: Files,
        clock: Clock,
        switchboard: Switchboard | None = None,
        log: MessageLog | None = None,
    ) -> None:
        """``switchboard``: the other channels', for what is said to somebody who is on another one."""
        super().__init__()
        self._adapter = adapter
        self._directory = directory
        self._files = files
        self._clock = clock
        self._switchboard = switchboard or Switchboard(directory)
        self._log = log or MessageLog({self.place: adapter}, directory, files)
        self._switchboard.add(self.place, self)
        self.refuses_idle_edits = False  # bots written for the Bot API count on it
        self.guard: Guard | None = None  # of our own bot; others' say what they like
        self.on_written: Callable[[], None] = lambda: None  # something was said outside any step

    @property
    def place(self) -> Place:
        return str(self._adapter.channel), self._adapter.account

    @property
    def has_own_numbers(self) -> bool:
        """Whether handlers see the platform's chat ids."""
        return self._adapter.caps.own_chat_ids is not None

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, await self._answer(bot, method))

    async def _answer(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if itself.is_about_itself(method):
            return itself.answer(method, bot.id, [])
        if isinstance(method, GetFile):
            return await self._file(method)
        if isinstance(method, COPYING):
            sends = await sends_for(method, self._switchboard, self._log, bot)
            return result(method, [await self._answer(bot, send) for send in sends])
        contact_id, session = await self._owner(method)
        if isinstance(method, GetChat):
            return await _about(contact_id, int(method.chat_id))
        return await session.say(bot, method, contact_id)

    async def say(self, bot: Bot, method: TelegramMethod[Any], contact_id: int) -> Any:
        """Say it to this contact, on this channel."""
        if isinstance(method, SendMediaGroup) and self._degree(method) is Degree.REFUSED:
            singles = single_sends(method)
            return [await self._say(bot, single, contact_id, Degree.DEGRADED) for single in singles]
        if isinstance(method, SendMessage) and len(method.text) > self._longest:
            return await self._in_pieces(bot, method, contact_id)
        if isinstance(method, CAPTIONED) and len(method.caption or "") > self._adapter.caps.caption_limit:
            return await self._with_words_below(bot, method, contact_id)
        if self.refuses_idle_edits and isinstance(method, _EDITS):
            await self._must_change(bot, method, contact_id)
        if isinstance(method, EditMessageReplyMarkup) and self._arrives_anew(method):
            return await self._say(bot, await said_anew(method, contact_id) or method, contact_id)
        if isinstance(method, AnswerCallbackQuery) and (method.text or "").strip():
            return await self._in_answer(bot, method, contact_id)
        return await self._say(bot, method, contact_id)

    async def _must_change(self, bot: Bot, method: Any, contact_id: int) -> None:
        """As the Bot API has it; without that, an idle edit would show its message twice elsewhere."""
        if await changes_nothing(method, contact_id, bot):
            raise TelegramBadRequest(method=method, message=f"Bad Request: {NOT_MODIFIED}")

    def _arrives_anew(self, method: EditMessageReplyMarkup) -> bool:
        """Whether the keyboard comes in a message of its own, which should not be without words."""
        return not self._adapter.caps.edits and bool(choices.offered(method.reply_markup))

    async def _in_answer(self, bot: Bot, method: AnswerCallbackQuery, contact_id: int) -> bool:
        """The words of a toast are said all the same where the channel has none."""
        if self._degree(method) is not Degree.COSMETIC:
            return bool(await self._say(bot, method, contact_id))
        chat_id = await self._directory.chat_id(contact_id, *self.place)
        words = SendMessage(chat_id=chat_id, text=method.text or "", parse_mode=None)
        await self._say(bot, words, contact_id, Degree.DEGRADED, offers=False)
        return True

    async def _say(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        contact_id: int,
        already: Degree = Degree.NATIVE,
        *,
        offers: bool = True,
    ) -> Any:
        """``already``: what the method lost on its way here.  Not ``offers``: the choices before it stand."""
        if (words := refusal(method, bot)) is not None:
            raise TelegramBadRequest(method=method, message=words)
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
        if self.guard is not None:
            self.guard.method(method)
        method = await self._with_kept_files(bot, method)
        if self.guard is not None:
            await self.guard.files(files_in(method.__api_method__, vars(method)))
        row_id = await self._write(contact_id, method, bot, degree)
        if offers:
            self._note_choices(contact_id, row_id, method)
        return echo(bot, method, row_id, self._clock())

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        """How much of the method people get, what is done for it in this session included."""
        if itself.is_about_itself(method) or isinstance(method, _ANSWERED):
            return Degree.NATIVE
        if isinstance(method, COPYING):
            return Degree.DEGRADED  # arrives as a copy
        degree = self._degree(method)
        if isinstance(method, SendMediaGroup) and degree is Degree.REFUSED:
            one_by_one = {self._degree(single) for single in single_sends(method)}
            return Degree.REFUSED if Degree.REFUSED in one_by_one else Degree.DEGRADED
        if isinstance(method, AnswerCallbackQuery) and method.text and degree is Degree.COSMETIC:
            return Degree.DEGRADED  # its words are said
        return degree

    def _degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, AnswerCallbackQuery) and method.callback_query_id.startswith(TYPED):
            return Degree.COSMETIC
        degree = self._adapter.session.degree(method)
        of_the_menu = isinstance(method, SetMyCommands | DeleteMyCommands | SetChatMenuButton)
        return Degree.COSMETIC if of_the_menu and degree is Degree.REFUSED else degree

    async def _owner(self, method: TelegramMethod[Any]) -> "tuple[int, OutboxSession]":
        """Who it is said to, and the session to say it by: this one if they are here."""
        found = await self._switchboard.owner(vars(method).get("chat_id"), self)
        if found is None:
            raise TelegramBadRequest(method=method, message="Bad Request: chat not found")
        return found

    async def _write(self, contact_id: int, method: TelegramMethod[Any], bot: Bot, degree: Degree) -> int:
        now, step = self._clock(), current()
        values = [
            self._directory.office_of(*self.place), contact_id, *self.place, OutboxKind.REPLY.value, None,
            method.__api_method__, serialise.to_row(method, bot), None, now, None, now,
            None if degree is Degree.NATIVE else degree.value,
        ]  # fmt: skip
        if step is not None and step.unsaid is not None:
            return await step.unsaid.say(values)
        written = await rows(_INSERT, sealed(values))
        failpoint("reply.queued")
        if step is None:
            self.on_written()
        return int(written[0]["id"])

    def _note_choices(self, contact_id: int, row_id: int, method: TelegramMethod[Any]) -> None:
        step = current()
        speaks = method.__returning__ is Message or isinstance(
            method, EditMessageText | EditMessageReplyMarkup
        )
        if step is not None and step.contact_id == contact_id and speaks:
            shown_at = vars(method).get("message_id") or ids.message_id(row_id)
            offered = choices.offered(vars(method).get("reply_markup"))
            step.shows(shown_at, offered, numbered=bool(offered) and self._numbers(method))

    def _numbers(self, method: TelegramMethod[Any]) -> bool:
        """Whether the choices under the method are numbers to type: all that are not plainly buttons."""
        if isinstance(method, _EDITS):  # what arrives as a new message has the buttons of one
            method = SendMessage(chat_id=0, text=".", reply_markup=method.reply_markup)
        return self._degree(method) is not Degree.NATIVE

    @property
    def _longest(self) -> int:
        return min(LONGEST, self._adapter.caps.text_limit)

    async def _with_words_below(self, bot: Bot, method: TelegramMethod[Message], contact_id: int) -> Message:
        """A file whose caption is too long stands alone, words and buttons below.  The file's message."""
        bare = {"caption": None, "caption_entities": None, "reply_markup": None}
        sent = await self._say(bot, method.model_copy(update=bare), contact_id, Degree.DEGRADED)
        told: Any = method
        words = SendMessage(
            chat_id=told.chat_id,
            text=told.caption,
            parse_mode=told.parse_mode,
            entities=told.caption_entities,
            reply_markup=told.reply_markup,
        )
        await self.say(bot, words, contact_id)
        return cast(Message, sent)

    async def _in_pieces(self, bot: Bot, method: SendMessage, contact_id: int) -> Message:
        *first, last = pieces(method.text, self._longest)
        for text in first:
            part = method.model_copy(update={"text": text, "reply_markup": None})
            await self._say(bot, part, contact_id)
        return cast(Message, await self._say(bot, method.model_copy(update={"text": last}), contact_id))

    async def _with_kept_files(self, bot: Bot, method: TelegramMethod[Any]) -> TelegramMethod[Any]:
        """The method with our file ids for the bytes in it, which are kept before a row names them."""
        return cast(TelegramMethod[Any], await self._kept(bot, method))

    async def _kept(self, bot: Bot, value: Any) -> Any:
        if isinstance(value, InputFile):
            return await self._files.keep_upload(
                value,
                bot,
                self._adapter.caps.file_prefix,
                self._clock(),
                office_id=self._directory.office_of(*self.place),
            )
        if isinstance(value, list):
            return [await self._kept(bot, item) for item in value]
        if isinstance(value, TelegramMethod | InputMedia):
            parts = {n: part for n, part in vars(value).items() if isinstance(part, _WITH_FILES)}
            if not parts:
                return value
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


async def _about(contact_id: int, chat_id: int) -> ChatFullInfo:
    """What we know of a person, as aiogram's chat."""
    contact = await person(contact_id)
    gifts = AcceptedGiftTypes(
        unlimited_gifts=False,
        limited_gifts=False,
        unique_gifts=False,
        premium_subscription=False,
        gifts_from_channels=False,
    )
    return ChatFullInfo(
        id=chat_id,
        type="private",
        first_name=contact.name or "-",
        accent_color_id=0,
        max_reaction_count=0,
        accepted_gift_types=gifts,
    )
