"""Methods of our own, called like aiogram's: ``await bot(SendTemplate(...))``."""

from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import TelegramMethod
from aiogram.types import Message


class SendTemplate(TelegramMethod[Message]):
    """A message approved beforehand by the platform, for when its window is closed.

    ``parameters`` are the body's variables in the template's order, by name (by ``"1"``, ``"2"`` … where the
    template numbers them); values hold no newline, tab or run of more than four spaces.  ``text`` is the same
    message in full, for channels that need no template.  ``buttons`` are the callback data behind the
    template's quick replies, in their order; without them a tap says the label.
    """

    __returning__ = Message
    __api_method__ = "sendTemplate"

    chat_id: int | str
    name: str
    language: str
    parameters: dict[str, str]
    text: str
    buttons: list[str] | None = None

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class SendFlow(TelegramMethod[Message]):
    """A form that the platform shows inside the chat; its answer comes as ``web_app_data``.

    ``flow_id`` names the form at the platform, ``token`` comes back with the answer, ``button`` (20
    characters) opens it, ``data`` is JSON-safe and fills the first screen.
    """

    __returning__ = Message
    __api_method__ = "sendFlow"

    chat_id: int | str
    flow_id: str
    token: str
    text: str
    button: str
    screen: str | None = None
    data: dict[str, Any] | None = None

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class HandOver(TelegramMethod[bool]):
    """A human takes the conversation over in the platform's own inbox, and the bot keeps silent there.

    ``reason`` is for the person who takes over; it holds no personal data.
    """

    __returning__ = bool
    __api_method__ = "handOver"

    chat_id: int | str
    reason: str = ""

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class UnsupportedOnChannel(TelegramBadRequest):
    """The channel has nothing like this method."""


class WindowClosed(TelegramForbiddenError):
    """The platform takes free text only within its window, and this method has no template."""
