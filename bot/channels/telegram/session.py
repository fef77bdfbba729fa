"""aiogram's methods as they are: Telegram is their mother tongue."""

from typing import Any, Final

from aiogram.methods import (
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    InputMedia,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)

from bot.channels.base import Degree, DeliveryFailed, Fault, ReadFile, Recipient, Sent
from bot.channels.markup import to_plain
from bot.channels.shape import mapping, text
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.caps import ADDRESS, MAX_PHOTO
from bot.channels.telegram.errors import NoAnswer, NotSent, Refused, failure_of, row_of
from bot.methods import HandOver, SendTemplate

_PROMISED: Final = (bool, Message, list[Message], Message | bool)
"""What a method may return that is carried out later; anything else cannot be known before."""
_OWN_BUSINESS: Final = frozenset(
    # the channel's, and what our message log does across channels
    {"setWebhook", "deleteWebhook", "logOut", "close", "forwardMessage"}
)
_REPEATABLE_VERBS: Final = ("edit", "delete", "answer", "set", "pin", "unpin", "stop")
_WORDS: Final = (
    # field, its marks, how it is marked up
    ("text", "entities", "parse_mode"),
    ("caption", "caption_entities", "parse_mode"),
    ("question", "question_entities", "question_parse_mode"),
    ("explanation", "explanation_entities", "explanation_parse_mode"),
)
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
        theirs = type(method).__module__.startswith("aiogram.methods.")
        carried = method.__returning__ in _PROMISED and method.__api_method__ not in _OWN_BUSINESS
        return Degree.NATIVE if theirs and carried else Degree.REFUSED

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """What Telegram refuses for its form is sent once more in a simpler one.  It echoes no ``tag``."""
        addressed = _addressed(_spoken(method), to)
        if vars(addressed).get("message_ids") == []:
            return Sent(None)  # of all the messages that it names none was ever sent
        ready = await _with_files(addressed, files)
        repeatable = is_repeatable(method)
        try:
            return await self._make(ready)
        except Refused as refused:
            failure = failure_of(refused, repeatable=repeatable)
        except NotSent:
            raise DeliveryFailed(Fault.RETRY, "not_connected") from None
        except NoAnswer:
            raise DeliveryFailed(Fault.RETRY if repeatable else Fault.UNKNOWN, "no_answer") from None
        if failure is not None:
            raise failure
        return Sent(None)

    async def _make(self, method: TelegramMethod[Any]) -> Sent:
        try:
            return _sent(await self._api.make(method))
        except Refused as refused:
            simpler = _simpler(method, refused)
            if simpler is None:
                raise
            return _sent(await self._api.make(simpler))

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""


def _simpler(method: TelegramMethod[Any], refused: Refused) -> TelegramMethod[Any] | None:
    """Without the markup that Telegram could not read, or as a file what it does not take for a photo."""
    match row_of(refused).code:
        case "cannot_parse":
            return _plain(method)
        case "no_photo":
            return _as_files(method)
        case _:
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
    if chat is None or not chat.removeprefix("-").isdigit():
        raise DeliveryFailed(Fault.UNREACHABLE, "no_address")
    given = vars(method)
    changed: dict[str, Any] = {"chat_id": int(chat)} if "chat_id" in given else {}
    named = given.get("message_id")
    if isinstance(named, int) and named in to.messages:
        changed["message_id"] = int(to.messages[named])
    if many := given.get("message_ids"):
        changed["message_ids"] = [int(to.messages[one]) for one in many if one in to.messages]
    if (answered := given.get("reply_to_message_id")) is not None:
        told = to.messages.get(answered)
        changed["reply_to_message_id"] = int(told) if told else None
    answers = given.get("reply_parameters")
    if isinstance(answers, ReplyParameters):
        told = to.messages.get(answers.message_id or 0)
        theirs = {"message_id": int(told or 0), "allow_sending_without_reply": True}
        changed["reply_parameters"] = answers.model_copy(update=theirs) if told else None
    return method.model_copy(update=changed)


async def _with_files(method: TelegramMethod[Any], files: ReadFile) -> TelegramMethod[Any]:
    """A copy in which every file id of ours is the file itself.  Telegram's own ids and links stay."""
    given = vars(method)
    named = [field for field in _FILE_FIELDS if given.get(field) is not None]
    if not named:
        return method
    changed = {field: await _file(given[field], files) for field in named}
    ready = method.model_copy(update=changed)
    if any(_is_too_big(photo) for photo in _photos(ready)):
        return _as_files(ready) or ready
    return ready


def _photos(method: TelegramMethod[Any]) -> list[Any]:
    if isinstance(method, SendPhoto):
        return [method.photo]
    given = getattr(method, "media", None)
    items = given if isinstance(given, list) else [given]
    return [item.media for item in items if isinstance(item, InputMediaPhoto)]


def _is_too_big(photo: Any) -> bool:
    """Telegram takes photos up to 10 MB, files up to 50."""
    return isinstance(photo, BufferedInputFile) and len(photo.data) > MAX_PHOTO


async def _file(given: Any, files: ReadFile) -> Any:
    if isinstance(given, list):
        return [await _file(item, files) for item in given]
    if isinstance(given, str):
        try:
            held = await files(given)
        except FileNotFoundError:
            return given
        return BufferedInputFile(held.content, filename=held.name)
    if isinstance(given, InputMedia):
        parts = {name: getattr(given, name, None) for name in ("media", "thumbnail", "cover")}
        ours = {name: await _file(part, files) for name, part in parts.items() if part is not None}
        return given.model_copy(update=ours)
    return given


def _as_files(method: TelegramMethod[Any]) -> TelegramMethod[Any] | None:
    """The photos as documents; an album only if it is all photos, for documents stand alone there."""
    if isinstance(method, SendPhoto):
        shared = SendPhoto.model_fields.keys() & SendDocument.model_fields.keys()
        return SendDocument(document=method.photo, **{field: getattr(method, field) for field in shared})
    given = getattr(method, "media", None)
    items = given if isinstance(given, list) else [given]
    if not all(isinstance(item, InputMediaPhoto) for item in items):
        return None
    words = ("media", "caption", "parse_mode", "caption_entities")
    told = [InputMediaDocument(**{field: getattr(item, field) for field in words}) for item in items]
    return method.model_copy(update={"media": told if isinstance(given, list) else told[0]})


def _plain(method: TelegramMethod[Any]) -> TelegramMethod[Any] | None:
    """The same without markup; None where there is none to leave out."""
    changed = _unmarked(method)
    given = getattr(method, "media", None)
    if isinstance(given, InputMedia):
        changed["media"] = given.model_copy(update=_unmarked(given))
    elif isinstance(given, list):
        changed["media"] = [item.model_copy(update=_unmarked(item)) for item in given]
    return method.model_copy(update=changed) if changed else None


def _unmarked(said: Any) -> dict[str, Any]:
    """The fields of a method or of one picture with words in them, as plain text."""
    changed: dict[str, Any] = {}
    for words, entities, mode in _WORDS:
        text_of = getattr(said, words, None)
        if isinstance(text_of, str):
            plain = to_plain(text_of, getattr(said, mode, None), getattr(said, entities, None))
            changed |= {words: plain, entities: None, mode: None}
    return changed
