"""Delivery to a browser: the row is the message, and the bell says that there is one."""

from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMessages,
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
    TelegramMethod,
)

from bot.bell import Bell
from bot.channels.base import ReadFile, Recipient, Sent
from bot.methods import SendTemplate

_SHOWN = (
    SendMessage,
    SendTemplate,
    SendPhoto,
    SendDocument,
    SendVideo,
    SendAudio,
    SendVoice,
    SendAnimation,
    SendVideoNote,
    SendSticker,
    SendLocation,
    SendVenue,
    SendContact,
    EditMessageText,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    DeleteMessage,
    DeleteMessages,
)
_COSMETIC = (AnswerCallbackQuery, SendChatAction)


class WebChatSession:
    """Nothing is sent anywhere: the page reads the outbox, and is told when to look."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def accepts(self, method: TelegramMethod[Any]) -> bool:
        return isinstance(method, _SHOWN)

    def cosmetic(self, method: TelegramMethod[Any]) -> bool:
        return isinstance(method, _COSMETIC)

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        for address in to.addresses:
            if address.kind == "session":
                self._bell.ring(address.value)
        return Sent(external_id=tag)

    async def close(self) -> None:
        """Send the open pages home; without it a server waits for them when it stops."""
        self._bell.close()
