"""aiogram's methods as they are: Telegram is their mother tongue."""

from typing import Any, Final

from aiogram.methods import (
    CopyMessage,
    CopyMessages,
    ForwardMessage,
    ForwardMessages,
    SendChatAction,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, ReplyParameters

from bot.channels.base import Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.markup import to_plain
from bot.channels.shape import mapping, text
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.caps import MAX_PHOTO
from bot.channels.telegram.errors import (
    CANNOT_PARSE,
    DONE_ALREADY,
    NO_PHOTO,
    NoAnswer,
    NotSent,
    Refused,
    failure_of,
)
from bot.channels.telegram.inbound import ADDRESS
from bot.methods import HandOver, SendTemplate

_VERBS: Final = ("send", "edit", "delete", "answer", "set", "pin", "unpin", "stop")
_REPEATABLE_VERBS: Final = ("edit", "delete", "answer", "set", "pin", "unpin", "stop")
_RESERVED: Final = frozenset({"setWebhook", "deleteWebhook"})  # the channel's own business
_BY_FOREIGN_IDS: Final = (CopyMessage, CopyMessages, ForwardMessage, ForwardMessages)
_FILE_FIELDS: Final = (
    "photo",
    "document",
    "video",
    "audio",
    "voice",
    "animation",
    "video_note",
    "sticker",
    "thumbnail",
    "cover",
    "media",
)


class TelegramSession:
    """Messages are named by our ids; `Recipient.messages` says which are whose."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, SendTemplate):
            return Degree.NATIVE
        if isinstance(method, SendChatAction | HandOver):
            return Degree.COSMETIC
        name = method.__api_method__
        theirs = type(method).__module__.startswith("aiogram.methods.")
        plain = not isinstance(method, _BY_FOREIGN_IDS) and name not in _RESERVED
        return Degree.NATIVE if theirs and plain and name.startswith(_VERBS) else Degree.REFUSED

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """What Telegram refuses for its form is sent once more in a simpler one.  It echoes no ``tag``."""
        ready = await _with_files(_addressed(_spoken(method), to), files)
        repeatable = is_repeatable(method)
        try:
            return await self._make(ready)
        except Refused as refused:
            failure = refused
        except NotSent:
            raise DeliveryFailed(Fault.RETRY, "not_connected") from None
        except NoAnswer:
            raise DeliveryFailed(Fault.RETRY if repeatable else Fault.UNKNOWN, "no_answer") from None
        raise failure_of(failure, repeatable=repeatable)

    async def _make(self, method: TelegramMethod[Any]) -> Sent:
        try:
            return _sent(await self._api.make(method))
        except Refused as refused:
            if any(words in refused.words for words in DONE_ALREADY):
                return Sent(None)
            simpler = _simpler(method, refused)
            if simpler is None:
                raise
            return _sent(await self._api.make(simpler))

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""


def _simpler(method: TelegramMethod[Any], refused: Refused) -> TelegramMethod[Any] | None:
    """Without the markup that Telegram could not read, or as a file what it does not take for a photo."""
    if CANNOT_PARSE in refused.words:
        return _plain(method)
    if isinstance(method, SendPhoto) and any(words in refused.words for words in NO_PHOTO):
        return _as_document(method)
    return None


def is_repeatable(method: TelegramMethod[Any]) -> bool:
    """Whether the call may run twice and shows nothing twice."""
    return isinstance(method, SendChatAction) or method.__api_method__.startswith(_REPEATABLE_VERBS)


def _sent(result: Any) -> Sent:
    """Of an album, the id of its first message."""
    first = result[0] if isinstance(result, list) and result else result
    return Sent(text(mapping(first).get("message_id")) or None)


def _spoken(method: TelegramMethod[Any]) -> TelegramMethod[Any]:
    """A template is its text: Telegram has no window."""
    if isinstance(method, SendTemplate):
        return SendMessage(chat_id=method.chat_id, text=method.text, parse_mode="HTML")
    return method


def _addressed(method: TelegramMethod[Any], to: Recipient) -> TelegramMethod[Any]:
    """A copy for this person's chat.  An answer to a message that is not there stands alone."""
    chat = to.value(ADDRESS)
    if chat is None or not chat.isdigit():
        raise DeliveryFailed(Fault.UNREACHABLE, "no_address")
    changed: dict[str, Any] = {"chat_id": int(chat)} if "chat_id" in type(method).model_fields else {}
    named = getattr(method, "message_id", None)
    if isinstance(named, int) and named in to.messages:
        changed["message_id"] = int(to.messages[named])
    if many := getattr(method, "message_ids", None):
        changed["message_ids"] = [int(to.messages[one]) for one in many if one in to.messages]
    answers = getattr(method, "reply_parameters", None)
    if isinstance(answers, ReplyParameters):
        told = to.messages.get(answers.message_id or 0)
        theirs = {"message_id": int(told or 0), "allow_sending_without_reply": True}
        changed["reply_parameters"] = answers.model_copy(update=theirs) if told else None
    return method.model_copy(update=changed)


async def _with_files(method: TelegramMethod[Any], files: ReadFile) -> TelegramMethod[Any]:
    """A copy in which every file id of ours is the file itself.  Telegram's own ids and links stay."""
    changed = {
        field: await _file(getattr(method, field), files)
        for field in _FILE_FIELDS
        if getattr(method, field, None) is not None
    }
    ready = method.model_copy(update=changed)
    photo = changed.get("photo")
    too_big = isinstance(photo, BufferedInputFile) and len(photo.data) > MAX_PHOTO
    return _as_document(ready) if isinstance(ready, SendPhoto) and too_big else ready


async def _file(given: Any, files: ReadFile) -> Any:
    if isinstance(given, list):
        return [await _file(item, files) for item in given]
    if isinstance(given, str):
        try:
            held = await files(given)
        except FileNotFoundError:
            return given
        return BufferedInputFile(held.content, filename=held.name)
    if isinstance(getattr(given, "media", None), str):  # one picture of an album
        return given.model_copy(update={"media": await _file(given.media, files)})
    return given


def _as_document(photo: SendPhoto) -> SendDocument:
    """Telegram takes photos up to 10 MB, files up to 50."""
    same = ("chat_id", "caption", "parse_mode", "caption_entities", "reply_parameters", "reply_markup")
    return SendDocument(document=photo.photo, **{field: getattr(photo, field) for field in same})


def _plain(method: TelegramMethod[Any]) -> TelegramMethod[Any] | None:
    """The same without markup; None where there is none to leave out."""
    if isinstance(method, SendMediaGroup):
        return method.model_copy(update={"media": [_plain_item(item) for item in method.media]})
    changed: dict[str, Any] = {}
    for words, entities in (("text", "entities"), ("caption", "caption_entities")):
        said = getattr(method, words, None)
        if isinstance(said, str):
            plain = to_plain(said, getattr(method, "parse_mode", None), getattr(method, entities, None))
            changed |= {words: plain, entities: None, "parse_mode": None}
    return method.model_copy(update=changed) if changed else None


def _plain_item(item: Any) -> Any:
    plain = to_plain(item.caption or "", item.parse_mode, item.caption_entities)
    return item.model_copy(update={"caption": plain or None, "parse_mode": None, "caption_entities": None})
