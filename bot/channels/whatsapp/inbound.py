"""From a WhatsApp webhook body to events, and from an event to aiogram's ``Update``.

Source: Meta, WhatsApp Cloud API, "Webhooks: messages", "status", "system"; "Business-scoped user IDs".
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from bot.channels import updates
from bot.channels.base import AddressKey, Body, Incoming, MalformedBody, MediaRef, ProviderReceipt, Scene
from bot.channels.keyboard import decode, is_ours
from bot.channels.shape import clean, external_id, is_id, listing, mapping, moment, text
from bot.channels.whatsapp.errors import by_code
from models.inbox import InboxKind
from models.outbox import Receipt

OBJECT: Final = "whatsapp_business_account"
WA_ID, BSUID = "wa_id", "bsuid"  # kinds of address
MAX_ADDRESS: Final = 160  # characters

_BSUID_SHAPE = re.compile(r"[A-Z]{2}\.\S+")

RECEIPTS: Final[Mapping[str, Receipt]] = {
    # Meta's word → ours
    "sent": Receipt.TAKEN,
    "delivered": Receipt.ARRIVED,
    "read": Receipt.SEEN,
    "played": Receipt.SEEN,  # a voice message
    "failed": Receipt.FAILED,
}

MEDIA_KINDS: Final = ("image", "document", "audio", "voice", "video", "sticker")
_UNDERSTOOD: Final = frozenset({*MEDIA_KINDS, "text", "location", "contacts", "interactive", "button"})
_ABOUT_MESSAGES: Final = frozenset({"reaction", "edit", "revoke"})  # nobody waits for an answer to these


# ---------------------------------------------------------------------- reading


def read(payload: Any, phone_number_id: str) -> list[Incoming]:
    """Every event of one body, up to a thousand.

    Shape:  ``entry[].changes[].value`` with ``messages[]``, ``statuses[]``, ``errors[]`` or account news.
    Units:  ``timestamp`` is a string of whole seconds since 1970, UTC.
    Raises: MalformedBody if there is no ``entry`` list or the body is about something else than WhatsApp.
    """
    whole = mapping(payload)
    if whole.get("object", OBJECT) != OBJECT:
        raise MalformedBody("object")
    if not isinstance(whole.get("entry"), list):
        raise MalformedBody("entry")
    events: list[Incoming] = []
    for entry in whole["entry"]:
        changes = mapping(entry).get("changes")
        if not isinstance(changes, list):
            events.append(_kept({"entry": entry}))
            continue
        for change in changes:
            events += _change(mapping(entry), change, phone_number_id)
    return events


def _change(entry: Mapping[str, Any], change: Any, phone_number_id: str) -> Iterator[Incoming]:
    field, value = mapping(change).get("field", "messages"), mapping(mapping(change).get("value"))
    metadata = mapping(value.get("metadata"))
    ours = text(metadata.get("phone_number_id")) in ("", phone_number_id)
    known = {key: listing(value.get(key)) for key in ("messages", "statuses", "errors")}
    if field != "messages" or not ours or not any(known.values()):
        yield _kept({"id": entry.get("id"), "time": entry.get("time"), "change": change})
        return
    for item in known["messages"]:
        yield _message(item, listing(value.get("contacts")), metadata)
    for item in known["statuses"]:
        yield _status(item, metadata)
    if known["errors"]:
        yield _kept({"errors": known["errors"], "metadata": metadata, "messages": known["messages"]})


def _kept(body: Body) -> Incoming:
    """Something that nobody waits for an answer to."""
    return Incoming(external_id=external_id("", body), kind=InboxKind.OTHER, body=body)


def _message(item: Any, contacts: Sequence[Any], metadata: Mapping[str, Any]) -> Incoming:
    message = mapping(item)
    if not message:
        return _kept({"message": item})
    contact = _contact_of(message, contacts)
    body: Body = {"message": message, "contact": contact, "metadata": metadata}
    kind = kind_of(message)
    in_group = any(message.get(key) for key in ("group_id", "recipient_group_id"))
    silent = in_group or kind == "system" or kind in _ABOUT_MESSAGES
    addresses = () if silent else _addresses(message, contact)
    understood = kind in _UNDERSTOOD and bool(addresses) and _content(message) is not None
    return Incoming(
        external_id=external_id(text(message.get("id")), body),
        kind=InboxKind.MESSAGE if understood else InboxKind.OTHER,
        body=body,
        addresses=addresses,
        name=_name(contact),
        sent_at=moment(message.get("timestamp")),
    )


def kind_of(message: Mapping[str, Any]) -> str:
    """Meta's ``type``; where it is missing, the kind whose part is there."""
    given = text(message.get("type"))
    return given or next((kind for kind in sorted(_UNDERSTOOD) if kind in message), "")


def _name(contact: Mapping[str, Any]) -> str:
    profile = mapping(contact.get("profile"))
    return clean(text(profile.get("name")) or text(profile.get("username")))


def _contact_of(message: Mapping[str, Any], contacts: Sequence[Any]) -> dict[str, Any]:
    """Whose profile belongs to the message: one with its sender's id, or the only one there is."""
    cards = [mapping(card) for card in contacts]
    sender = {text(message.get(key)) for key in ("from", "from_user_id", "from_parent_user_id")} - {""}
    for card in cards:
        if sender & {text(card.get(key)) for key in ("wa_id", "user_id", "parent_user_id")}:
            return card
    return cards[0] if len(cards) == 1 else {}


def _addresses(message: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[AddressKey, ...]:
    """The sender's, the business-scoped id first: a phone number may pass to another person.

    What an address is, its shape says and not its field; an odd ``user_id`` never costs the good number.
    The profile counts only where it names the sender of the message, or where the message names nobody.
    """
    said = [text(message.get(key)) for key in ("from", "from_user_id")]
    named = {value for value in (*said, text(message.get("from_parent_user_id"))) if value}
    about = [text(contact.get(key)) for key in ("wa_id", "user_id")]
    theirs = named & {*about, text(contact.get("parent_user_id"))} or not named
    phones = [said[0], about[0]] if theirs else [said[0]]
    ids = [*said, *about] if theirs else said
    parents = [text(message.get("from_parent_user_id"))]
    parents += [text(contact.get("parent_user_id"))] if theirs else []
    bsuids = [value for value in ids if _BSUID_SHAPE.fullmatch(value)]
    bsuids = bsuids or [value for value in parents if _BSUID_SHAPE.fullmatch(value)]
    keys = [AddressKey(BSUID, value) for value in bsuids]
    keys += [AddressKey(WA_ID, v.lstrip("+")) for v in phones if v and not _BSUID_SHAPE.fullmatch(v)]
    fit = (key for key in keys if 0 < len(key.value) <= MAX_ADDRESS and clean(key.value) == key.value)
    return tuple(dict.fromkeys(fit))


def _status(item: Any, metadata: Mapping[str, Any]) -> Incoming:
    """A word on a message of ours.  The same word of the same second is the same event."""
    status = mapping(item)
    body: Body = {"status": status, "metadata": metadata}
    wamid, word = text(status.get("id")), text(status.get("status"))
    if not wamid or not word:
        return _kept({"status": item})
    return Incoming(
        external_id=external_id(f"{wamid}:{word}:{text(status.get('timestamp'))}", body),
        kind=InboxKind.RECEIPT if word in RECEIPTS else InboxKind.OTHER,
        body=body,
        sent_at=moment(status.get("timestamp")),
    )


# ---------------------------------------------------------------------- understanding


def media(body: Body) -> list[MediaRef]:
    """The file of a media message; the claims are the sender's."""
    message = mapping(body.get("message"))
    kind = kind_of(message)
    part = mapping(message.get(kind)) or mapping(message.get("audio")) if kind in MEDIA_KINDS else {}
    ident = text(part.get("id"))
    if not is_id(ident):
        return []
    mime = text(part.get("mime_type")).partition(";")[0].strip().lower()
    name = clean(text(part.get("filename")))[:255] or None
    return [MediaRef(external_id=ident, mime=clean(mime)[:100] or "application/octet-stream", name=name)]


def replied_to(body: Body) -> str | None:
    """The wamid of the message that was tapped or quoted."""
    return text(mapping(mapping(body.get("message")).get("context")).get("id")) or None


def receipt(body: Body) -> ProviderReceipt | None:
    status = mapping(body.get("status"))
    word = RECEIPTS.get(text(status.get("status")))
    if word is None:
        return None
    code = next((mapping(error).get("code") for error in listing(status.get("errors"))), None)
    return ProviderReceipt(
        external_id=text(status.get("id")) or None,
        tag=text(status.get("biz_opaque_callback_data")) or None,
        receipt=word,
        failure=by_code(code) if word is Receipt.FAILED else None,
    )


def update(body: Body, scene: Scene, *, bot_id: int) -> updates.Update | None:
    """None where nobody waits; a message without content where a person sent what we cannot read."""
    message = mapping(body.get("message"))
    kind = kind_of(message)
    if not message or kind == "system" or kind in _ABOUT_MESSAGES:
        return None
    if kind in MEDIA_KINDS:
        return _with_file(message, kind, scene)
    content = _content(message)
    if content is None:
        return updates.message(scene)
    what, said = content
    return _BUILD[what](scene, said, bot_id)


_Content = tuple[str, dict[str, Any]]  # which builder, and what it is told


def _content(message: Mapping[str, Any]) -> _Content | None:
    """What the message says, in our words; None where it says nothing that we understand."""
    kind = kind_of(message)
    part = message.get(kind)
    if kind in MEDIA_KINDS:
        return ("media", {}) if media({"message": message}) else None
    if kind == "text":
        body = text(mapping(part).get("body"))
        return ("text", {"text": body}) if body else None
    reader = _READ.get(kind)
    return reader(part) if reader is not None else None


def _read_button(part: Any) -> _Content | None:
    """A template's quick reply.  Meta repeats the label as payload where we gave none."""
    label, payload = text(mapping(part).get("text")), text(mapping(part).get("payload"))
    if payload and (is_ours(payload) or payload != label):
        return "tap", {"id": payload, "title": label}
    return ("text", {"text": label}) if label else None


def _read_interactive(part: Any) -> _Content | None:
    whole = mapping(part)
    for kind in ("button_reply", "list_reply"):
        reply = mapping(whole.get(kind))
        if ident := text(reply.get("id")):
            label = text(reply.get("description")) or text(reply.get("title"))  # a row's title may be cut
            return "tap", {"id": ident, "title": label}
    flow = mapping(whole.get("nfm_reply"))
    if not flow:
        return None
    data = flow.get("response_json")
    return "form", {"data": data if isinstance(data, str) else "", "name": text(flow.get("name")),
                    "text": text(flow.get("body"))}  # fmt: skip


def _read_location(part: Any) -> _Content | None:
    place = mapping(part)
    latitude, longitude = _degrees(place.get("latitude"), 90), _degrees(place.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    words = {"title": text(place.get("name")), "address": text(place.get("address"))}
    return "location", {"latitude": latitude, "longitude": longitude, **words}


def _degrees(value: Any, limit: int) -> float | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if abs(degrees) <= limit else None


def _read_contacts(part: Any) -> _Content | None:
    """The first card with a number.  Only the answer to Meta's own question for it is the sender's."""
    for card in map(mapping, listing(part)):
        name, phones = mapping(card.get("name")), [mapping(phone) for phone in listing(card.get("phones"))]
        numbers = (text(phone.get("phone")) or text(phone.get("wa_id")) for phone in phones)
        if number := next(filter(None, numbers), ""):
            called = text(name.get("formatted_name")) or text(name.get("first_name"))
            own = text(card.get("origin")).startswith("contact_request")
            return "contact", {"phone_number": number, "first_name": called, "own": own}
    return None


_READ: Final[Mapping[str, Callable[[Any], _Content | None]]] = {
    "button": _read_button,
    "interactive": _read_interactive,
    "location": _read_location,
    "contacts": _read_contacts,
}


def _tapped(scene: Scene, said: dict[str, Any], bot_id: int) -> updates.Update:
    tap = decode(said["id"])
    if tap.data is None:
        return updates.text(scene, tap.words or said["title"])
    return updates.tap(scene, tap.data, bot_id=bot_id)


_BUILD: Final[Mapping[str, Callable[[Scene, dict[str, Any], int], updates.Update]]] = {
    "text": lambda scene, said, _: updates.text(scene, said["text"]),
    "tap": _tapped,
    "form": lambda scene, said, _: updates.form(scene, said["data"], said["name"], said["text"]),
    "location": lambda scene, said, _: updates.location(scene, **said),
    "contact": lambda scene, said, _: updates.contact(scene, **said),
}


def _with_file(message: Mapping[str, Any], kind: str, scene: Scene) -> updates.Update:
    part = mapping(message.get(kind)) or mapping(message.get("audio"))
    if not scene.files:
        return updates.message(scene)
    file, caption = scene.files[0], text(part.get("caption"))
    if kind == "image":
        return updates.photo(scene, file, caption)
    if kind == "video":
        return updates.video(scene, file, caption)
    if kind == "sticker":
        return updates.sticker(scene, file, animated=part.get("animated") is True)
    if kind == "voice" or part.get("voice") is True:
        return updates.voice(scene, file)
    return updates.audio(scene, file) if kind == "audio" else updates.document(scene, file, caption)
