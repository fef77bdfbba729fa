"""Methods of our own, called like aiogram's: ``await bot(SendTemplate(...))``."""

from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import TelegramMethod
from aiogram.types import Message


class SendTemplate(TelegramMethod[Message]):
    """A message approved beforehand by the platform, for when its window is closed.

    ``parameters`` are named body variables, in the template's order; values hold no newline, tab or run of
    more than four spaces.  ``text`` is the same message in full, for channels that need no template.
    """

    __returning__ = Message
    __api_method__ = "sendTemplate"

    chat_id: int | str
    name: str
    language: str
    parameters: dict[str, str]
    text: str

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class UnsupportedOnChannel(TelegramBadRequest):
    """The channel has nothing like this method."""


class WindowClosed(TelegramForbiddenError):
    """The platform takes free text only within its window, and this method has no template."""
