"""Typed text that means a button: the same update a tap would have made."""

from collections.abc import Mapping
from typing import Any

from bot.choices import Shown, meant
from bot.outbox import TYPED


def as_tap(update: Mapping[str, Any], shown: Shown) -> Mapping[str, Any]:
    """``update`` as it is, or the tap that its text names by number or exact label.

    Commands ("/start") are never taps.
    """
    message: Any = update.get("message")
    text = message.get("text") if isinstance(message, Mapping) else None
    if not isinstance(text, str) or text.startswith("/"):
        return update
    choice = meant(text, shown.choices)
    if choice is None:
        return update
    if choice.data is None:
        return {**update, "message": {**message, "text": choice.label}}
    return {
        "update_id": update["update_id"],
        "callback_query": {
            "id": f"{TYPED}{update['update_id']}",
            "from": message["from"],
            "chat_instance": str(message["chat"]["id"]),
            "message": {
                "message_id": shown.message_id,
                "date": message["date"],
                "chat": message["chat"],
                "text": choice.label,
            },
            "data": choice.data,
        },
    }
