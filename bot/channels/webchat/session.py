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
    SetMessageReaction,
    TelegramMethod,
)

from bot.bell import Bell
from bot.channels.base import Degree, ReadFile, Recipient, Sent
from bot.channels.sending import LEFT_OUT
from bot.methods import HandOver, SendTemplate

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
_COSMETIC = (*LEFT_OUT, SendChatAction, SetMessageReaction, HandOver)


class WebChatSession:
    """Nothing is sent anywhere: the page reads the outbox, and is told when to look."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, AnswerCallbackQuery):
            return Degree.NATIVE if method.text else Degree.COSMETIC
        if isinstance(method, _SHOWN):
            return Degree.NATIVE
        return Degree.COSMETIC if isinstance(method, _COSMETIC) else Degree.REFUSED

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        for address in to.addresses:
            if address.kind == "session":
                self._bell.news(address.value)
        return Sent(external_id=tag)

    async def close(self) -> None:
        """Send the open pages home; without it a server waits for them when it stops."""
        self._bell.close()
