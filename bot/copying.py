"""Copies and forwards, of any message in our log to anybody we can write to, whatever their channels."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    CopyMessage,
    CopyMessages,
    ForwardMessage,
    ForwardMessages,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import Message, MessageId

from bot.message_log import Kept, MessageLog
from bot.switchboard import Switchboard

Copying = CopyMessage | CopyMessages | ForwardMessage | ForwardMessages
COPYING: Final = (CopyMessage, CopyMessages, ForwardMessage, ForwardMessages)

_KEPT_BACK: Final = {"reply_parameters": None, "reply_to_message_id": None, "message_effect_id": None}
_CAPTION: Final = ("caption", "parse_mode", "caption_entities")


async def sends_for(
    method: Copying, switchboard: Switchboard, log: MessageLog, bot: Bot
) -> list[TelegramMethod[Message]]:
    """The sends that say the same to ``method.chat_id``.

    Raises: TelegramBadRequest in the Bot API's words: ``chat not found``, ``message to copy not found``.
    Of many messages, those that are not there are passed over, as the Bot API does.
    """
    verb = "copy" if isinstance(method, CopyMessage | CopyMessages) else "forward"
    source = await switchboard.owner(method.from_chat_id, None)
    if source is None:
        raise _refusal(method, "chat not found")
    contact_id, session = source
    kept = [
        await log.find(contact_id, *session.place, message_id, bot) for message_id in _message_ids(method)
    ]
    found = [send for one in kept if one is not None and (send := _again(one, method)) is not None]
    if not found:
        raise _refusal(method, f"message to {verb} not found")
    return found


def result(method: Copying, sent: Sequence[Any]) -> Any:
    """What the Bot API answers, from the messages that were sent."""
    if isinstance(method, ForwardMessage):
        return sent[0]
    copies = [MessageId(message_id=message.message_id) for message in sent]
    return copies[0] if isinstance(method, CopyMessage) else copies


def _message_ids(method: Copying) -> Iterator[int]:
    if isinstance(method, CopyMessage | ForwardMessage):
        yield method.message_id
    else:
        yield from method.message_ids


def _again(kept: Kept, method: Copying) -> TelegramMethod[Message] | None:
    if kept.ours is not None:
        return _ours(kept.ours, method)
    if kept.theirs is None:
        return None
    try:
        again: TelegramMethod[Message] = kept.theirs.send_copy(chat_id=method.chat_id)
    except TypeError:  # aiogram knows no way to send this kind
        return None
    return _with_wishes(again, method)


def _ours(said: TelegramMethod[Any], method: Copying) -> TelegramMethod[Message] | None:
    if said.__returning__ is not Message:
        return None
    fields = {name: value for name, value in _KEPT_BACK.items() if name in type(said).model_fields}
    if "reply_markup" in type(said).model_fields and isinstance(method, CopyMessage | CopyMessages):
        fields["reply_markup"] = None
    again: TelegramMethod[Message] = said.model_copy(update=fields | {"chat_id": method.chat_id})
    return _with_wishes(again, method)


def _with_wishes(send: TelegramMethod[Message], method: Copying) -> TelegramMethod[Message]:
    """A copy may have another caption and a keyboard of its own."""
    if not isinstance(method, CopyMessage):
        return send
    changed: dict[str, Any] = {}
    if method.caption is not None and not isinstance(send, SendMessage) and hasattr(send, "caption"):
        changed |= {name: getattr(method, name) for name in _CAPTION if name in type(send).model_fields}
    if method.reply_markup is not None:
        changed["reply_markup"] = method.reply_markup
    if method.reply_parameters is not None:
        changed["reply_parameters"] = method.reply_parameters
    return send.model_copy(update=changed) if changed else send


def _refusal(method: TelegramMethod[Any], words: str) -> TelegramBadRequest:
    return TelegramBadRequest(method=method, message=f"Bad Request: {words}")
