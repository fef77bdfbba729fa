"""Our numbers beside the Bot API's own: they never collide, and all stay below 2**53.

A contact's chat id (= user id) is ``2**52 + contact.id`` on every channel but those that have aiogram's own
numbers (`Caps.own_chat_ids`).  A message we send is ``2**40 + outbox.id`` everywhere; a message we got is its
inbox id, or the platform's number where that is aiogram's.
"""

CONTACT_BASE = 2**52
OUT_BASE = 2**40


def chat_id(contact_id: int) -> int:
    return CONTACT_BASE + contact_id


def contact_id(chat_id: int) -> int | None:
    """The contact behind one of our chat ids, or None for a platform's own."""
    return chat_id - CONTACT_BASE if chat_id >= CONTACT_BASE else None


def message_id(outbox_id: int) -> int:
    return OUT_BASE + outbox_id


def outbox_id(message_id: int) -> int | None:
    """The outbox row behind a message id, or None for a message that we did not send."""
    return message_id - OUT_BASE if message_id >= OUT_BASE else None
