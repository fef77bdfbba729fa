"""Typed text that means a button: the same update a tap would have made."""

from collections.abc import Mapping
from typing import Any

from bot.choices import Shown, meant
from bot.outbox import TYPED


def as_tap(update: Mapping[str, Any], shown: Shown, *, numbers: bool = True) -> Mapping[str, Any]:
    """``update`` as it is, or the tap that its text names by exact label, or by number where they count.

    Commands ("/start") are never taps.
    """
    message: Any = update.get("message")
    text = message.get("text") if isinstance(message, Mapping) else None
    if not isinstance(text, str) or text.startswith("/"):
        return update
    choice = meant(text, shown.choices, numbers=numbers)
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


def placed(update: Mapping[str, Any], shown: Shown) -> Mapping[str, Any]:
    """A tap under a message that we cannot name is one on the last keyboard, if that has such a button.

    Platforms leave the name out at times; and a quick thumb is here before the answer to our own call.
    """
    tap: Any = update.get("callback_query")
    named = tap["message"].get("message_id") if isinstance(tap, Mapping) and "message" in tap else None
    if named != 0 or not any(choice.data == tap.get("data") for choice in shown.choices):
        return update
    return {
        **update,
        "callback_query": {**tap, "message": {**tap["message"], "message_id": shown.message_id}},
    }
