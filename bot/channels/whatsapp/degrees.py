"""How much of each of aiogram's methods WhatsApp can show."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAnimation,
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
    SendVideoNote,
    SendVoice,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import ReactionTypeEmoji

from bot.channels.base import Degree
from bot.channels.keyboard import linked, tappable
from bot.channels.sending import LEFT_OUT, offered
from bot.channels.whatsapp.asking import asked
from bot.channels.whatsapp.caps import MAX_ROWS
from bot.channels.whatsapp.compose import fit_buttons
from bot.methods import SendFlow, SendTemplate

FILE_OF: Final[Mapping[type[TelegramMethod[Any]], tuple[str, str]]] = {
    # method → its field, and what WhatsApp calls it
    SendPhoto: ("photo", "image"),
    SendDocument: ("document", "document"),
    SendVideo: ("video", "video"),
    SendAnimation: ("animation", "video"),
    SendVideoNote: ("video_note", "video"),
    SendAudio: ("audio", "audio"),
    SendVoice: ("voice", "audio"),
    SendSticker: ("sticker", "sticker"),
}
WORDLESS: Final = (SendAudio, SendVoice, SendSticker, SendLocation, SendVenue, SendContact)

_NATIVE: Final = (SendMessage, SendTemplate, SendFlow, *WORDLESS, SendPhoto, SendDocument, SendVideo)
_AS_SOMETHING_ELSE: Final = (
    EditMessageMedia, EditMessageText,  # a new message
    SendAnimation, SendVideoNote,  # a video, or a picture that stands still
)  # fmt: skip


def degree(method: TelegramMethod[Any]) -> Degree:
    if isinstance(method, LEFT_OUT):
        return Degree.COSMETIC
    if isinstance(method, AnswerCallbackQuery):
        return Degree.DEGRADED if method.show_alert and method.text else Degree.COSMETIC
    if isinstance(method, EditMessageReplyMarkup | EditMessageCaption):
        said = getattr(method, "caption", None) or offered(method)
        return Degree.DEGRADED if said else Degree.COSMETIC
    if isinstance(method, SetMessageReaction):
        return Degree.COSMETIC if emoji(method) is None else Degree.NATIVE
    if isinstance(method, SendChatAction):
        return Degree.NATIVE if method.action == "typing" else Degree.DEGRADED
    if isinstance(method, _AS_SOMETHING_ELSE):
        return Degree.DEGRADED
    if isinstance(method, _NATIVE):
        return Degree.NATIVE if _shows_whole(method) else Degree.DEGRADED
    return Degree.REFUSED


def emoji(method: SetMessageReaction) -> str | None:
    """The reaction as an emoji, empty where it is taken back; None for those that only Telegram has."""
    if not method.reaction:
        return ""
    return next((one.emoji for one in method.reaction if isinstance(one, ReactionTypeEmoji)), None)


def _shows_whole(method: TelegramMethod[Any]) -> bool:
    """Whether nothing of the message takes another form: choices as lines, words beside a voice message."""
    everything = offered(method)
    taps = tappable(everything)
    if isinstance(method, WORDLESS):
        return not everything and not getattr(method, "caption", None)
    if asked(getattr(method, "reply_markup", None)) is not None:
        return len(everything) == 1
    if type(method) in FILE_OF:
        return not linked(everything) and fit_buttons(taps)
    return len(taps) <= MAX_ROWS and (not linked(everything) or len(everything) == 1)
