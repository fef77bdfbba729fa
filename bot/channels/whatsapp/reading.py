"""From a WhatsApp webhook body to the events that the inbox keeps.

Source: Meta, WhatsApp Cloud API, "Webhooks: messages", "Webhook fields", "Error codes".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import structlog
from prometheus_client import Counter

from bot.channels.base import AddressKey, Body, Incoming, MalformedBody
from bot.channels.shape import external_id, listing, mapping, moment, text
from bot.channels.whatsapp import changes, statuses
from bot.channels.whatsapp.content import UNDERSTOOD, content, edited, kind_of
from bot.channels.whatsapp.errors import is_known
from bot.channels.whatsapp.senders import addresses, contact_of, is_ourselves, name_of
from models.inbox import InboxKind
from models.quarantine import Reason

log = structlog.get_logger(__name__)

OBJECT: Final = "whatsapp_business_account"
ACCOUNT_FIELDS: Final = frozenset(
    {
        "account_alerts", "account_review_update", "account_update", "business_capability_update",
        "message_template_components_update", "message_template_quality_update",
        "message_template_status_update", "phone_number_name_update", "phone_number_quality_update",
        "security", "smb_message_echoes", "template_category_update", "user_preferences",
    }
)  # fmt: skip
_SILENT: Final = frozenset({"revoke", "request_welcome"})  # nobody waits for an answer to these

ERRORS = Counter(
    "loket_whatsapp_errors", "Errors that Meta told of in webhooks, by where they stood", ["place", "code"]
)


def read(payload: Any, phone_number_id: str, *, reactions: bool = False) -> list[Incoming]:
    """Every event of one body, up to a thousand.

    ``reactions``: a reaction is a message to somebody; otherwise it is kept in silence.
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
        changed = mapping(entry).get("changes")
        if not isinstance(changed, list):
            events.append(_kept({"entry": entry}, Reason.UNREADABLE))
            continue
        for change in changed:
            events += _change(mapping(entry), change, phone_number_id, reactions=reactions)
    return events


def _change(
    entry: Mapping[str, Any], change: Any, phone_number_id: str, *, reactions: bool
) -> Iterator[Incoming]:
    field, value = text(mapping(change).get("field", "messages")), mapping(mapping(change).get("value"))
    metadata = mapping(value.get("metadata"))
    ours = text(metadata.get("phone_number_id")) in ("", phone_number_id)
    if field == changes.FIELD and ours and (news := list(changes.of_field(mapping(change)))):
        yield from news
        return
    known = {key: listing(value.get(key)) for key in ("messages", "statuses", "errors")}
    if field != "messages" or not ours or not any(known.values()):
        log.info("whatsapp.kept", field=field if field in ACCOUNT_FIELDS else "other", ours=ours)
        whole: Body = {"id": entry.get("id"), "time": entry.get("time"), "change": change}
        yield _kept(whole, None if ours else Reason.FOREIGN_ACCOUNT)
        return
    for item in known["messages"]:
        yield _message(item, listing(value.get("contacts")), metadata, reactions=reactions)
    for item in known["statuses"]:
        _count("status", mapping(item))
        unread = None if mapping(item) else Reason.UNREADABLE
        yield statuses.event(mapping(item), metadata) or _kept({"status": item}, unread)
    if known["errors"]:
        _count("value", value)
        yield _kept({"errors": known["errors"], "metadata": metadata, "messages": known["messages"]})


def _kept(body: Body, aside: Reason | None = None) -> Incoming:
    """Something that nobody waits for an answer to."""
    return Incoming(external_id=external_id("", body), kind=InboxKind.OTHER, body=body, aside=aside)


def _message(item: Any, contacts: Sequence[Any], metadata: Mapping[str, Any], *, reactions: bool) -> Incoming:
    message = mapping(item)
    if not message:
        return _kept({"message": item}, Reason.UNREADABLE)
    _count("message", message)
    contact = contact_of(message, contacts)
    body: Body = {"message": message, "contact": contact, "metadata": metadata}
    kind = kind_of(message)
    if kind == "system" and (news := changes.of_system(message, body)) is not None:
        return news
    unheard = kind in _SILENT or kind == "system" or (kind == "reaction" and not reactions)
    silent = unheard or _in_group(message) or is_ourselves(message, metadata)
    theirs: tuple[AddressKey, ...] = () if silent else addresses(message, contact)
    return Incoming(
        external_id=external_id(text(message.get("id")), body),
        kind=InboxKind.MESSAGE if theirs and _is_understood(kind, message) else InboxKind.OTHER,
        body=body,
        addresses=theirs,
        name=name_of(contact),
        sent_at=moment(message.get("timestamp")),
        aside=None if silent or theirs else Reason.UNREADABLE,
    )


def _is_understood(kind: str, message: Mapping[str, Any]) -> bool:
    if kind == "edit":
        return bool(edited(message))
    return kind == "reaction" or (kind in UNDERSTOOD and content(message) is not None)


def _in_group(message: Mapping[str, Any]) -> bool:
    return any(message.get(key) for key in ("group_id", "recipient_group_id"))


def _count(place: str, holder: Mapping[str, Any]) -> None:
    for error in listing(holder.get("errors")):
        code = mapping(error).get("code")
        known = is_known(code)
        ERRORS.labels(place=place, code=str(code) if known else "other").inc()
        log.info("whatsapp.error", place=place, code=code if known else "other")
