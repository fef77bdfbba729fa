"""How much of each of aiogram's methods Messenger can show."""

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
    SendMediaGroup,
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
from aiogram.types import InputMediaPhoto

from bot.channels.base import Degree
from bot.channels.keyboard import linked, tappable
from bot.channels.messenger.caps import MAX_IMAGES
from bot.channels.messenger.compose import fit_taps
from bot.channels.sending import LEFT_OUT, offered
from bot.methods import HandOver, SendTemplate

FILE_OF: Final[Mapping[type[TelegramMethod[Any]], tuple[str, str]]] = {
    # method → its field, and what Messenger calls it
    SendPhoto: ("photo", "image"),
    SendDocument: ("document", "file"),
    SendVideo: ("video", "video"),
    SendAnimation: ("animation", "video"),
    SendVideoNote: ("video_note", "video"),
    SendAudio: ("audio", "audio"),
    SendVoice: ("voice", "audio"),
    SendSticker: ("sticker", "image"),
}
IN_WORDS: Final = (SendLocation, SendVenue, SendContact)

_NATIVE: Final = (SendMessage, SendTemplate, SendPhoto, SendDocument, SendVideo, SendAudio, SendVoice)
_AS_SOMETHING_ELSE: Final = (
    EditMessageMedia, EditMessageText,  # a new message
    SendAnimation, SendVideoNote, SendSticker,  # a video, a picture or a file
    *IN_WORDS,
)  # fmt: skip


def degree(method: TelegramMethod[Any]) -> Degree:
    if isinstance(method, (*LEFT_OUT, SetMessageReaction)):
        return Degree.COSMETIC
    if isinstance(method, AnswerCallbackQuery):
        return Degree.DEGRADED if method.show_alert and method.text else Degree.COSMETIC
    if isinstance(method, EditMessageReplyMarkup | EditMessageCaption):
        said = getattr(method, "caption", None) or offered(method)
        return Degree.DEGRADED if said else Degree.COSMETIC
    if isinstance(method, SendChatAction):
        return Degree.NATIVE if method.action == "typing" else Degree.DEGRADED
    if isinstance(method, HandOver):
        return Degree.NATIVE
    if isinstance(method, SendMediaGroup):
        return _of_album(method)
    if isinstance(method, _AS_SOMETHING_ELSE):
        return Degree.DEGRADED
    if isinstance(method, _NATIVE):
        return Degree.NATIVE if _shows_whole(method) else Degree.DEGRADED
    return Degree.REFUSED


def _of_album(album: SendMediaGroup) -> Degree:
    """Pictures go in one message.  A mixed album is refused: then the core sends its files one by one."""
    if len(album.media) > MAX_IMAGES or not all(isinstance(item, InputMediaPhoto) for item in album.media):
        return Degree.REFUSED
    return Degree.DEGRADED if any(item.caption for item in album.media) else Degree.NATIVE


def _shows_whole(method: TelegramMethod[Any]) -> bool:
    """Whether nothing of the message takes another form: choices as lines, a caption as a text."""
    everything = offered(method)
    if type(method) in FILE_OF:
        short = fit_taps(tappable(everything)) and not linked(everything)
        return short and not getattr(method, "caption", None)
    return fit_taps(everything)
