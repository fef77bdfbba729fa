"""aiogram's methods as calls to the WhatsApp Cloud API."""

from typing import Any, Final

from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMessages,
    DeleteMyCommands,
    EditMessageReplyMarkup,
    EditMessageText,
    PinChatMessage,
    SendAudio,
    SendChatAction,
    SendContact,
    SendDocument,
    SendLocation,
    SendMessage,
    SendPhoto,
    SendSticker,
    SendVenue,
    SendVideo,
    SendVoice,
    SetChatMenuButton,
    SetMessageReaction,
    SetMyCommands,
    TelegramMethod,
    UnpinChatMessage,
)

from bot.channels.base import Degree, DeliveryFailed, Fault, HeldFile, ReadFile, Recipient, Sent
from bot.channels.keyboard import CallbackDataTooLong, Choice, choices
from bot.channels.markup import to_whatsapp
from bot.channels.whatsapp import compose
from bot.channels.whatsapp.caps import MAX_PHOTO, MAX_STICKER
from bot.channels.whatsapp.graph import Graph
from bot.channels.whatsapp.senders import BSUID, WA_ID
from bot.methods import SendTemplate

_FILE_OF: Final[dict[type[TelegramMethod[Any]], tuple[str, str]]] = {
    # method → its field, and what WhatsApp calls it
    SendPhoto: ("photo", "image"),
    SendDocument: ("document", "document"),
    SendVideo: ("video", "video"),
    SendAudio: ("audio", "audio"),
    SendVoice: ("voice", "audio"),
    SendSticker: ("sticker", "sticker"),
}
_CAPTIONED: Final = frozenset({"image", "document", "video"})
_WORDLESS: Final = (SendAudio, SendVoice, SendSticker, SendLocation, SendVenue, SendContact)
_TEXTS: Final = (SendMessage, EditMessageText, SendTemplate)
_COSMETIC: Final = (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMessages,
    DeleteMyCommands,
    EditMessageReplyMarkup,
    PinChatMessage,
    SendChatAction,
    SetChatMenuButton,
    SetMessageReaction,
    SetMyCommands,
    UnpinChatMessage,
)

# What each kind may be; anything else travels as a document.  Meta, "Media", read 2026-11.
_TYPES: Final = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    "sticker": frozenset({"image/webp"}),
}
_SIZES: Final = {"image": MAX_PHOTO, "sticker": MAX_STICKER}  # bytes


class WhatsAppSession:
    """``list_label``: the button that opens a list of choices, at most 20 characters.

    An edit goes out as a new message.  A typing mark, a deletion and the like are left out: see `cosmetic`.
    """

    def __init__(self, graph: Graph, list_label: str) -> None:
        self._graph = graph
        self._list_label = list_label

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        """Where words or choices would be lost (a voice message with buttons, say) it is refused."""
        if isinstance(method, _COSMETIC):
            return Degree.COSMETIC
        if isinstance(method, _WORDLESS) and (
            getattr(method, "caption", None) or choices(method.reply_markup)
        ):
            return Degree.REFUSED
        if isinstance(method, EditMessageText):
            return Degree.DEGRADED
        return Degree.NATIVE if isinstance(method, (*_TEXTS, *_WORDLESS, *_FILE_OF)) else Degree.REFUSED

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """Files are uploaded first; only the one call that follows shows anything to anybody."""
        envelope = {"messaging_product": "whatsapp", "recipient_type": "individual"}
        try:
            part = await self._part(method, files)
        except CallbackDataTooLong:
            raise DeliveryFailed(Fault.GIVE_UP, "callback_data_too_long") from None
        payload = envelope | _addressed(to) | {"biz_opaque_callback_data": tag} | part
        return Sent(await self._graph.send(payload))

    async def close(self) -> None:
        """The HTTP session belongs to whoever handed it in."""

    async def _part(self, method: TelegramMethod[Any], files: ReadFile) -> compose.Part:
        if isinstance(method, SendTemplate):
            return compose.template(method.name, method.language, method.parameters)
        if isinstance(method, SendMessage | EditMessageText):
            words = to_whatsapp(method.text or "", method.parse_mode, method.entities)
            if not words:
                raise DeliveryFailed(Fault.GIVE_UP, "empty_text")
            return compose.text(words, choices(method.reply_markup), self._list_label)
        if isinstance(method, SendLocation):
            return compose.location(method.latitude, method.longitude)
        if isinstance(method, SendVenue):
            return compose.location(method.latitude, method.longitude, method.title, method.address)
        if isinstance(method, SendContact):
            return compose.contact(method.phone_number, method.first_name, method.last_name)
        if type(method) in _FILE_OF:
            return await self._media(method, files)
        raise DeliveryFailed(Fault.GIVE_UP, "unsupported")

    async def _media(self, method: TelegramMethod[Any], files: ReadFile) -> compose.Part:
        field, kind = _FILE_OF[type(method)]
        given = getattr(method, field)
        name = ""
        if isinstance(given, str) and given.startswith(("https://", "http://")):
            file = {"link": given}
        else:
            held = await _held(given, files)
            kind, name = _kind(kind, held), held.name
            file = {"id": await self._graph.upload(held)}
        caption = to_whatsapp(
            getattr(method, "caption", None) or "",
            getattr(method, "parse_mode", None),
            getattr(method, "caption_entities", None),
        )
        if kind not in _CAPTIONED:
            return {"type": kind, kind: file}
        offered: list[Choice] = choices(getattr(method, "reply_markup", None))
        return compose.media(kind, file, caption, offered, self._list_label, name)


async def _held(given: object, files: ReadFile) -> HeldFile:
    if not isinstance(given, str):
        raise DeliveryFailed(Fault.GIVE_UP, "file_not_held")
    try:
        return await files(given)
    except FileNotFoundError:
        raise DeliveryFailed(Fault.GIVE_UP, "file_missing") from None


def _kind(wanted: str, held: HeldFile) -> str:
    """As wanted, or ``document`` where the type or the size does not allow it."""
    allowed = held.mime.partition(";")[0] in _TYPES.get(wanted, {held.mime.partition(";")[0]})
    return wanted if allowed and len(held.content) <= _SIZES.get(wanted, len(held.content)) else "document"


def _addressed(to: Recipient) -> dict[str, str]:
    """``to`` with a plus: without one Meta may put the office's own country code before it."""
    phone, bsuid = to.value(WA_ID), to.value(BSUID)
    if phone:
        return {"to": "+" + phone.lstrip("+")}
    if bsuid:
        return {"recipient": bsuid}
    raise DeliveryFailed(Fault.UNREACHABLE, "no_address")
