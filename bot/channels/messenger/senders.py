"""Who speaks on a Page, and by which addresses they can be written to.

Source: Meta, Messenger Platform, "Webhooks", 11 Sep 2026; "Private Replies", 16 Apr 2026.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import AddressKey
from bot.channels.shape import clean, mapping, text

PSID: Final = "psid"  # kinds of address: a person as this Page knows them
COMMENT: Final = "comment"  # a comment under a post of the Page: takes one private reply
REPLIED: Final = "comment_replied"  # one that has had it
MAX_ADDRESS: Final = 160  # characters


def key(kind: str, value: str) -> tuple[AddressKey, ...]:
    """The address, or none where the value fits no column."""
    return (AddressKey(kind, value),) if 0 < len(value) <= MAX_ADDRESS and clean(value) == value else ()


def sender_of(item: Mapping[str, Any]) -> str:
    """Meta's id of whoever did it; a number in old bodies."""
    return text(mapping(item.get("sender")).get("id"))


def is_ourselves(item: Mapping[str, Any], page_id: str) -> bool:
    """Whether the Page itself speaks, through us or anybody else: that must never be answered."""
    message = mapping(item.get("message"))
    return bool(message.get("is_echo")) or sender_of(item) == page_id


def person(item: Mapping[str, Any], page_id: str) -> tuple[AddressKey, ...]:
    """The citizen's address; of somebody who is known only by the reference of a plugin, none."""
    return () if is_ourselves(item, page_id) else key(PSID, sender_of(item))
