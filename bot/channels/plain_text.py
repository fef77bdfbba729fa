"""What aiogram's methods say where nothing but words can be shown; keyboards are numbered lines.

The core takes a number or a label that is typed for a tap on the last keyboard, so nothing more is needed.
"""

from typing import Any, Final

from aiogram import methods
from aiogram.methods import TelegramMethod

from bot.channels.base import Degree, DeliveryFailed, Fault
from bot.channels.keyboard import CallbackDataTooLong, choices, linked, numbered
from bot.channels.markup import to_plain
from bot.channels.sending import LEFT_OUT
from bot.methods import HandOver, SendTemplate

_TEXTS: Final = (methods.SendMessage, SendTemplate)
_PLACES: Final = (methods.SendLocation, methods.SendVenue)
_IN_WORDS: Final = (*_PLACES, methods.SendContact, methods.EditMessageText)
_COSMETIC: Final = (
    *LEFT_OUT,
    HandOver,
    methods.AnswerCallbackQuery,
    methods.EditMessageReplyMarkup,
    methods.SendChatAction,
    methods.SetMessageReaction,
)


def degree(method: TelegramMethod[Any]) -> Degree:
    """Texts as they are, with choices numbered; places, cards and edits in words; no files."""
    if isinstance(method, _TEXTS):
        return Degree.DEGRADED if choices(getattr(method, "reply_markup", None)) else Degree.NATIVE
    if isinstance(method, _IN_WORDS):
        return Degree.DEGRADED
    return Degree.COSMETIC if isinstance(method, _COSMETIC) else Degree.REFUSED


def words(method: TelegramMethod[Any]) -> str:
    """What the method says, without markup, and its choices below.

    Raises: DeliveryFailed where there is nothing to say, or a button carries too much.
    """
    marked, entities = getattr(method, "parse_mode", "HTML"), getattr(method, "entities", None)
    said = [to_plain(getattr(method, "text", None) or "", marked, entities)]
    said += [
        getattr(method, field, None) or "" for field in ("title", "address", "first_name", "phone_number")
    ]
    if isinstance(method, _PLACES):
        said += [f"https://www.openstreetmap.org/?mlat={method.latitude}&mlon={method.longitude}"]
    try:
        offered = choices(getattr(method, "reply_markup", None))
    except CallbackDataTooLong:
        raise DeliveryFailed(Fault.GIVE_UP, "callback_data_too_long") from None
    whole = "\n".join(filter(None, [*said, linked(offered), numbered(offered)]))
    if not whole.strip():
        raise DeliveryFailed(Fault.GIVE_UP, "empty_text")
    return whole
