"""What WhatsApp tells of a person's number and id: they moved, or somebody else may hold the phone.

Source: Meta, "System messages webhook reference", 11 Aug 2026; "Business-scoped user IDs", 28 May 2026.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.channels.base import AddressKey, Body, Incoming, News
from bot.channels.shape import external_id, listing, mapping, moment, text
from bot.channels.whatsapp.senders import WA_ID, addresses, keys
from models.inbox import InboxKind

FIELD: Final = "user_id_update"  # how the id's change was told before it became a system message

_MOVED: Final = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
_OTHER_DEVICE: Final = frozenset({"customer_identity_changed", "user_identity_changed"})


def of_system(message: Mapping[str, Any], body: Body) -> Incoming | None:
    """The news in a system message, under the addresses by which we know the person; None if there is none.

    Shape:  ``from`` is the old number and may be missing, ``system.wa_id`` (``new_wa_id`` before v12) the new
            one, ``system.user_id`` the new id, ``system.previous_user_id`` the old one.
    """
    system = mapping(message.get("system"))
    kind = text(system.get("type"))
    if kind in _OTHER_DEVICE:
        known = addresses(message, mapping(body.get("contact")))
    elif kind in _MOVED:
        known = _before(message, system)
    else:
        return None
    if not known:
        return None
    return Incoming(
        external_id=external_id(text(message.get("id")), body),
        kind=InboxKind.NEWS,
        body=body,
        addresses=known,
        sent_at=moment(message.get("timestamp")),
    )


def of_field(change: Mapping[str, Any]) -> Iterator[Incoming]:
    """The news in a body about the field `FIELD`: one person each, by the old id or by the number."""
    value = mapping(change.get("value"))
    cards = [mapping(card) for card in listing(value.get("contacts"))]
    told = value.get("user_id_updates") or value.get(FIELD) or [value]
    for update in map(mapping, told if isinstance(told, list) else [told]):
        ids = mapping(update.get("user_id"))
        number = text(update.get("wa_id")) or (text(cards[0].get("wa_id")) if len(cards) == 1 else "")
        known = keys(ids=[text(ids.get("previous"))], phones=[number])
        if known and keys(ids=[text(ids.get("current"))], phones=()):
            body: Body = {"id_change": update}
            yield Incoming(
                external_id=external_id("", body),
                kind=InboxKind.NEWS,
                body=body,
                addresses=known,
                sent_at=moment(update.get("timestamp")),
            )


def news(body: Body) -> News | None:
    """Of an event that this module made.  Whoever changed the number proves anew who they are."""
    if "id_change" in body:
        ids = mapping(mapping(body["id_change"]).get("user_id"))
        return News(addresses=keys(ids=[text(ids.get("current"))], phones=()), new_hands=True)
    system = mapping(mapping(body.get("message")).get("system"))
    if text(system.get("type")) in _OTHER_DEVICE:
        return News(new_hands=True)
    if text(system.get("type")) not in _MOVED:
        return None
    after = _after(system)
    numbered = any(address.kind == WA_ID for address in after)
    return News(addresses=after, lost=() if numbered or not after else (WA_ID,), new_hands=True)


def _before(message: Mapping[str, Any], system: Mapping[str, Any]) -> tuple[AddressKey, ...]:
    old = text(system.get("previous_user_id")) or text(message.get("from_user_id"))
    ids = [value for value in (old, text(message.get("from"))) if value != text(system.get("user_id"))]
    return keys(ids=ids, phones=[text(system.get("customer")), text(message.get("from"))])


def _after(system: Mapping[str, Any]) -> tuple[AddressKey, ...]:
    number = text(system.get("new_wa_id")) or text(system.get("wa_id"))
    return keys(ids=[text(system.get("user_id"))], phones=[number])
