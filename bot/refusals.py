"""What the Bot API refuses at once, whatever the channel: bots count on the exception, and on its words."""

from typing import Any

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod

from bot import choices
from bot.channels.markup import to_plain
from bot.longtext import LONGEST


def refusal(method: TelegramMethod[Any], bot: Bot) -> str | None:
    """The Bot API's words, None for what it takes.  A long message is none of it: we send that in pieces."""
    if choices.overfull(getattr(method, "reply_markup", None)):
        return "Bad Request: BUTTON_DATA_INVALID"
    if isinstance(method, SendMessage | EditMessageText) and method.text is not None:
        words = _words(method.text, method.parse_mode, bot)
        if not words:
            return "Bad Request: message text is empty"
        if isinstance(method, EditMessageText) and len(words) > LONGEST:
            return "Bad Request: MESSAGE_TOO_LONG"
    return None


def _words(text: str, mode: str | Default | None, bot: Bot) -> str:
    """What is left without markup, where that may decide."""
    text = text.strip()
    if len(text) <= LONGEST and not (text.startswith("<") and text.endswith(">")):
        return text
    return to_plain(text, bot.default[mode.name] if isinstance(mode, Default) else mode)
