"""Messages that a method names, by our ids; and what the platform calls them."""

from collections.abc import Iterator
from typing import Any

from aiogram.methods import SendChatAction, TelegramMethod

from bot import ids
from bot.channels.base import Caps, DeliveryFailed, Fault
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxMessage

_FINGERPRINT = "sha256:"  # of an event that its platform gave no id


def needed(method: TelegramMethod[Any]) -> bool:
    """Whether the method names messages, or goes with the last one."""
    return isinstance(method, SendChatAction) or next(_named(method), None) is not None


async def platform_ids(method: TelegramMethod[Any], row: OutboxMessage, caps: Caps) -> dict[int, str]:
    """Our id → the platform's, for every message that the method names and the platform knows.

    Raises: DeliveryFailed (`GIVE_UP`, ``message_not_there``) for a change to a message that was never sent.
    """
    named = set(_named(method))
    ours = {ident: outbox for ident in named if (outbox := ids.outbox_id(ident)) is not None}
    known = await _of_ours(ours, row) if ours else {}
    if caps.edits and ours.keys() - known.keys() and _changes(method):
        raise DeliveryFailed(Fault.GIVE_UP, "message_not_there")
    theirs = named - ours.keys()
    if caps.own_chat_ids is not None:
        return known | {ident: str(ident) for ident in theirs}
    return known | (await _of_theirs(theirs, row) if theirs else {})


async def last_said(method: TelegramMethod[Any], row: OutboxMessage) -> str | None:
    """The platform's id of the last thing the person said; asked for only where the method can use it."""
    if not isinstance(method, SendChatAction):
        return None
    last = (
        await InboxEvent.filter(
            contact_id=row.contact_id, channel=row.channel, account=row.account, kind=InboxKind.MESSAGE
        )
        .order_by("-id")
        .first()
    )
    return last.external_id if last and not last.external_id.startswith(_FINGERPRINT) else None


def _named(method: TelegramMethod[Any]) -> Iterator[int]:
    given = vars(method)
    answers = given.get("reply_parameters")
    single = (
        given.get("message_id"),
        given.get("reply_to_message_id"),
        getattr(answers, "message_id", None) if answers is not None else None,
    )
    for ident in (*single, *(given.get("message_ids") or ())):
        if isinstance(ident, int) and ident > 0:
            yield ident


def _changes(method: TelegramMethod[Any]) -> bool:
    """Whether the method is nothing without the message that it names."""
    return hasattr(method, "message_id") or hasattr(method, "message_ids")


async def _of_ours(wanted: dict[int, int], row: OutboxMessage) -> dict[int, str]:
    found = await OutboxMessage.filter(id__in=list(wanted.values()), contact_id=row.contact_id)
    external = {one.id: one.external_id for one in found if one.external_id is not None}
    return {ident: external[outbox] for ident, outbox in wanted.items() if outbox in external}


async def _of_theirs(wanted: set[int], row: OutboxMessage) -> dict[int, str]:
    found = await InboxEvent.filter(id__in=list(wanted), contact_id=row.contact_id, channel=row.channel)
    return {event.id: event.external_id for event in found if not event.external_id.startswith(_FINGERPRINT)}
