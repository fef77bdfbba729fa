"""The call list: people whom no message reached with what they have to know."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from models.calls import AlertKind, Call, CallEnd
from models.contacts import Address
from models.database import rows
from models.requests import Request
from models.staff import Staff
from office.alarm import raise_alert
from office.alerts import LATELY, PATIENCE
from office.context import office
from office.lifecycle import by_staff, note_change
from office.notice_classes import MUST_KNOW
from office.permissions import Deed, must
from office.phone import PhoneUnreadable, to_e164
from office.queue_numbers import CALL, count_up
from office.refusal import Refusal

_STUCK: Final = """
SELECT o.id, o.subject FROM outbox o
WHERE o.office_id = $1 AND o.state IN ('failed', 'unknown') AND o.kind = 'notice' AND o.due_at >= $2
AND (o.state = 'failed' OR o.due_at <= $3) AND o.name IN ({names})
AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.outbox_id = o.id)
ORDER BY o.id LIMIT 200
"""
_LIST: Final = """
INSERT INTO calls (office_id, number, outbox_id, request_id, listed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (outbox_id) DO NOTHING RETURNING id
"""
_ARRIVED: Final = """
UPDATE calls SET ended_at = $2, ended_as = 'arrived' WHERE office_id = $1 AND ended_at IS NULL
AND EXISTS (SELECT 1 FROM outbox o WHERE o.id = calls.outbox_id AND o.state = 'sent') RETURNING id
"""
_MOOT: Final = """
UPDATE calls SET ended_at = $2, ended_as = 'moot' WHERE office_id = $1 AND ended_at IS NULL
AND EXISTS (SELECT 1 FROM outbox o JOIN requests r ON r.id = calls.request_id WHERE o.id = calls.outbox_id
            AND ((o.name = 'needs_correction' AND r.state <> 'needs_correction')
                 OR (o.name = 'on_hold' AND r.state <> 'on_hold')
                 OR (o.name = 'ready_for_pickup' AND r.state = 'closed'))) RETURNING id
"""
_OVER: Final = """
UPDATE outbox SET state = 'expired' WHERE office_id = $1 AND state IN ('queued', 'unknown')
AND kind = 'notice' AND expires_at IS NOT NULL AND expires_at <= $2 RETURNING id
"""
_REQUEST: Final = re.compile(r"request:(\d{1,18})")


class CallUnknown(Refusal):
    """Nobody on the call list has this number.  Facts: ``number``."""


class CallOver(Refusal):
    """This call needs no more to be made.  Facts: ``number``."""


async def list_new(now: datetime) -> int:
    """Put on the list whom a notice did not reach; where nobody knows, after a receipt has had its time."""
    here = office().office_id
    names = ", ".join(f"'{name}'" for name in MUST_KNOW)
    stuck = await rows(_STUCK.format(names=names), [here, now - LATELY, now - PATIENCE])
    for row in stuck:
        about = _REQUEST.fullmatch(row["subject"] or "")
        number = await count_up(here, CALL)
        await rows(_LIST, [here, number, row["id"], int(about[1]) if about else None, now])
        await raise_alert(AlertKind.CALL, f"outbox:{row['id']}", now)
    return len(stuck)


async def take_off(now: datetime) -> int:
    """Take off whom the message reached after all, and whom it would tell what is no longer so."""
    here = office().office_id
    return sum([len(await rows(query, [here, now])) for query in (_ARRIVED, _MOOT)])


async def let_expire(now: datetime) -> int:
    """What has become too old is said no more, also where nobody knows whether it was said."""
    return len(await rows(_OVER, [office().office_id, now]))


async def open_ones() -> list[Call]:
    """Those still to be telephoned, longest on the list first, each with its message and request."""
    waiting = Call.filter(office_id=office().office_id, ended_at=None)
    return await waiting.order_by("number").select_related("outbox__contact", "request")


async def waiting(staff: Staff) -> list[Call]:
    """The same, for somebody who may telephone.  Raises: `NotAllowed`."""
    must(staff, Deed.CALLS)
    return await open_ones()


async def telephone(contact_id: int) -> str | None:
    """A number under which this person can be called, if one of their addresses is one."""
    for address in await Address.filter(contact_id=contact_id).order_by("id"):
        number = f"+{address.value.lstrip('+')}"
        try:
            if to_e164(number) == number:
                return number
        except PhoneUnreadable:
            continue
    return None


async def called(number: int, staff: Staff, now: datetime) -> Call:
    """They were told.  It is written in the request's journal.

    Raises: `NotAllowed`, CallUnknown, CallOver, `ChangedMeanwhile`.
    """
    must(staff, Deed.CALLS)
    call = await Call.get_or_none(office_id=office().office_id, number=number)
    if call is None:
        raise CallUnknown(number=number)
    over = {"ended_at": now, "ended_as": CallEnd.CALLED, "ended_by_id": staff.id}
    if not await Call.filter(id=call.id, ended_at=None).update(**over):
        raise CallOver(number=number)
    if call.request_id is not None:
        request = await Request.get(id=call.request_id)
        await note_change(request, actor=by_staff(staff), action="telephoned", now=now)
    return call
