"""From a webhook body of a Page to the events that the inbox keeps.

Source: Meta, Messenger Platform, "Webhooks", 11 Sep 2026; Graph API, "Webhooks: Page".
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import structlog

from bot.channels.base import AddressKey, Body, Incoming, MalformedBody
from bot.channels.messenger import comments
from bot.channels.messenger.content import files, place, words
from bot.channels.messenger.receipts import is_receipt
from bot.channels.messenger.senders import person, sender_of
from bot.channels.shape import external_id, fingerprint, listing, mapping, moment, text
from models.inbox import InboxKind
from models.quarantine import Reason

log = structlog.get_logger(__name__)

OBJECT: Final = "page"
NOTED: Final = frozenset(
    {
        "account_linking", "app_roles", "optin", "pass_thread_control", "policy_enforcement", "referral",
        "request_thread_control", "take_thread_control",
    }
)  # fmt: skip
"""Parts of an item that are kept; nobody waits for an answer to them, and they open no window."""


def read(payload: Any, page_id: str) -> list[Incoming]:
    """Every event of one body.

    Shape:  ``entry[]`` with ``messaging[]`` (ours), ``standby[]`` (another app has the conversation) or
            ``changes[]`` (what happens under posts, and to the Page).
    Units:  ``timestamp`` in milliseconds since 1970, UTC, sometimes in seconds; ids may be numbers.
    Raises: MalformedBody if there is no ``entry`` list or the body is about something else than a Page.
    """
    whole = mapping(payload)
    if whole.get("object", OBJECT) != OBJECT:
        raise MalformedBody("object")
    if not isinstance(whole.get("entry"), list):
        raise MalformedBody("entry")
    return [event for entry in whole["entry"] for event in _entry(entry, page_id)]


def _entry(entry: Any, page_id: str) -> Iterator[Incoming]:
    about = mapping(entry)
    if text(about.get("id")) not in ("", page_id):
        yield _kept({"entry": entry}, Reason.FOREIGN_ACCOUNT)
        return
    items, standby, changes = (listing(about.get(key)) for key in ("messaging", "standby", "changes"))
    if not (items or standby or changes):
        yield _kept({"entry": entry}, None if about else Reason.UNREADABLE)
    for item in items:
        yield _event(item, page_id)
    for item in standby:
        yield _kept({"standby": item})
    for change in changes:
        yield _change(about, mapping(change), page_id)


def _change(entry: Mapping[str, Any], change: Mapping[str, Any], page_id: str) -> Incoming:
    comment = comments.read(change, page_id)
    return comment or _kept({"id": entry.get("id"), "time": entry.get("time"), "change": change})


def _kept(body: Body, aside: Reason | None = None) -> Incoming:
    """Something that nobody waits for an answer to."""
    return Incoming(external_id=external_id("", body), kind=InboxKind.OTHER, body=body, aside=aside)


def _event(given: Any, page_id: str) -> Incoming:
    item = mapping(given)
    who = person(item, page_id)
    if is_receipt(item):
        return _made(InboxKind.RECEIPT, fingerprint({"receipt": item}), item, who)
    for part, read_part in _PARTS.items() if who else ():
        if told := mapping(item.get(part)):
            return read_part(item, told, who)
    for part in NOTED & item.keys():
        log.info("messenger.kept", part=part)
    return _kept({"kept": given}, None if item else Reason.UNREADABLE)


def _message(item: Mapping[str, Any], message: Mapping[str, Any], who: tuple[AddressKey, ...]) -> Incoming:
    """What was taken back is kept in silence; what nobody can read is answered all the same."""
    ident = external_id(text(message.get("mid")), {"item": item})
    if message.get("is_deleted"):
        return _made(InboxKind.OTHER, external_id(f"deleted:{ident}", {"deleted": ident}), item, ())
    understood = bool(words(message) or files(message) or place(message) or _tapped(message))
    return _made(InboxKind.MESSAGE if understood else InboxKind.OTHER, ident, item, who)


def _edit(item: Mapping[str, Any], edit: Mapping[str, Any], who: tuple[AddressKey, ...]) -> Incoming:
    ident = external_id(f"edit:{text(edit.get('num_edit'))}:{text(edit.get('mid'))}", {"item": item})
    readable = bool(text(edit.get("text")))
    return _made(InboxKind.MESSAGE if readable else InboxKind.OTHER, ident, item, who if readable else ())


def _postback(item: Mapping[str, Any], postback: Mapping[str, Any], who: tuple[AddressKey, ...]) -> Incoming:
    """Old ones have no id: the same tap of the same moment is the same event."""
    payload, title = text(postback.get("payload")), text(postback.get("title"))
    same = {"by": sender_of(item), "at": text(item.get("timestamp")), "payload": payload, "title": title}
    ident = external_id(text(postback.get("mid")), {"postback": same})
    if not (payload or title):
        return _made(InboxKind.OTHER, ident, item, ())
    return _made(InboxKind.MESSAGE, ident, item, who)


def _reaction(item: Mapping[str, Any], _: Mapping[str, Any], who: tuple[AddressKey, ...]) -> Incoming:
    """It opens the window like a word, and waits for no answer."""
    return _made(InboxKind.OTHER, external_id("", {"item": item}), item, who)


_PARTS: Final = {"message": _message, "message_edit": _edit, "postback": _postback, "reaction": _reaction}


def _made(kind: InboxKind, ident: str, item: Mapping[str, Any], who: tuple[AddressKey, ...]) -> Incoming:
    heard = who or kind is InboxKind.RECEIPT
    body: Body = {"item" if heard else "kept": item}
    sent_at = moment(item.get("timestamp"))
    return Incoming(external_id=ident, kind=kind, body=body, addresses=who, sent_at=sent_at)


def _tapped(message: Mapping[str, Any]) -> str:
    return text(mapping(message.get("quick_reply")).get("payload"))
