"""Who speaks in a WhatsApp message, and by which addresses they can be written to.

Source: Meta, "Business-scoped user IDs", 28 May 2026; "Webhooks: contacts messages", 17 Jun 2026.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.channels.base import AddressKey
from bot.channels.shape import clean, listing, mapping, text

WA_ID, BSUID = "wa_id", "bsuid"  # kinds of address
MAX_ADDRESS: Final = 160  # characters

_BSUID_SHAPE = re.compile(r"[A-Z]{2}\.\S+")


def keys(*, ids: Iterable[str], phones: Iterable[str]) -> tuple[AddressKey, ...]:
    """The addresses among these, each once, ids first: a phone number may pass to another person.

    What an address is, its shape says and not its field; what fits no column is none.
    """
    found = [AddressKey(BSUID, value) for value in ids if _BSUID_SHAPE.fullmatch(value)]
    found += [AddressKey(WA_ID, v.lstrip("+")) for v in phones if v and not _BSUID_SHAPE.fullmatch(v)]
    return tuple(dict.fromkeys(key for key in found if _storable(key.value)))


def addresses(message: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[AddressKey, ...]:
    """The sender's.  An odd ``user_id`` never costs the good number.

    The profile counts only where it names the sender of the message, or where the message names nobody.  Of
    the parent id, which a family of businesses shares, use is made only where there is no other.
    """
    said = [text(message.get(key)) for key in ("from", "from_user_id")]
    named = {value for value in (*said, text(message.get("from_parent_user_id"))) if value}
    about = [text(contact.get(key)) for key in ("wa_id", "user_id")]
    parents = [text(message.get("from_parent_user_id"))]
    theirs = not named or bool(named & {*about, text(contact.get("parent_user_id"))})
    if theirs:
        parents.append(text(contact.get("parent_user_id")))
    ids = [*said, *about] if theirs else said
    phones = [said[0], about[0]] if theirs else said[:1]
    phones.append(_vouched_number(message))
    own = [value for value in ids if _BSUID_SHAPE.fullmatch(value)]
    return keys(ids=own or parents, phones=phones)


def contact_of(message: Mapping[str, Any], contacts: Sequence[Any]) -> dict[str, Any]:
    """Whose profile belongs to the message: one with its sender's id, or the only one there is."""
    cards = [mapping(card) for card in contacts]
    sender = {text(message.get(key)) for key in ("from", "from_user_id", "from_parent_user_id")} - {""}
    for card in cards:
        if sender & {text(card.get(key)) for key in ("wa_id", "user_id", "parent_user_id")}:
            return card
    return cards[0] if len(cards) == 1 else {}


def name_of(contact: Mapping[str, Any]) -> str:
    profile = mapping(contact.get("profile"))
    return clean(text(profile.get("name")) or text(profile.get("username")))


def is_ourselves(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """Whether the office's own number speaks: what we said ourselves must never be answered."""
    ours = _digits(text(metadata.get("display_phone_number")))
    return len(ours) >= 7 and _digits(text(message.get("from"))) == ours


def is_vouched(card: Mapping[str, Any]) -> bool:
    """Whether a card is the answer to WhatsApp's own button, so that the number is the sender's."""
    return text(card.get("origin")).startswith("contact_request")


def _vouched_number(message: Mapping[str, Any]) -> str:
    cards = [mapping(card) for card in listing(message.get("contacts"))]
    phones = [
        mapping(phone) for card in cards[:1] if is_vouched(card) for phone in listing(card.get("phones"))
    ]
    return next((text(phone.get("wa_id")) for phone in phones if text(phone.get("wa_id")).isdigit()), "")


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isascii() and sign.isdigit())


def _storable(value: str) -> bool:
    return 0 < len(value) <= MAX_ADDRESS and clean(value) == value
