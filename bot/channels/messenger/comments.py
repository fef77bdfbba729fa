"""Comments under the Page's posts: somebody asks in public, and is answered in private, once.

Source: Meta, Graph API, "Webhooks: Page, feed"; Messenger Platform, "Private Replies", 16 Apr 2026.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels import updates
from bot.channels.base import Body, Incoming, Scene
from bot.channels.messenger.senders import COMMENT, key
from bot.channels.shape import clean, external_id, mapping, moment, text
from models.inbox import InboxKind

NEW: Final = ("feed", "comment", "add")  # field, item, verb


def read(change: Mapping[str, Any], page_id: str) -> Incoming | None:
    """A comment that somebody else has just written, in words; None for all else that happens there.

    Shape:  ``value`` with ``item`` comment, ``verb`` add, ``comment_id``, ``message`` and perhaps ``from``.
    """
    value = mapping(change.get("value"))
    comment_id, author = text(value.get("comment_id")), mapping(value.get("from"))
    told = (text(change.get("field")), text(value.get("item")), text(value.get("verb")))
    ours = page_id in (text(author.get("id")), text(value.get("sender_id")))
    where = key(COMMENT, comment_id)
    if told != NEW or ours or not where or not text(value.get("message")).strip():
        return None
    body: Body = {"comment": value}
    return Incoming(
        external_id=external_id(f"comment:{comment_id}", body),
        kind=InboxKind.MESSAGE,
        body=body,
        addresses=where,
        name=clean(text(author.get("name"))),
        sent_at=moment(value.get("created_time")),
    )


def update(body: Body, scene: Scene, *, bot_id: int) -> updates.Update:
    """The comment as a text that answers a post in a public channel: `Message.external_reply` tells of it."""
    post = {
        "type": "channel",
        "date": int(scene.at.timestamp()),
        "chat": {"id": -bot_id, "type": "channel", "title": "Facebook"},
        "message_id": 0,
    }
    said = clean(text(mapping(body.get("comment")).get("message")))[: updates.TEXT_LIMIT]
    return updates.message(scene, text=said, external_reply={"origin": post})
