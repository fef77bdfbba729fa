"""What is kept for how long: each kind finds what is older, and takes it out.

What a request that must not be forgotten needs stays, and what belongs to somebody who asked that nothing be
done with their data.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise.models import Model

from bot import forgetting
from models.broadcasts import Broadcast, BroadcastState
from models.console import ConsoleLink, ConsoleSession, SigninTry
from models.contacts import Contact, LinkCode
from models.database import rows
from models.forms import FormToken
from models.quarantine import Quarantined
from models.requests import Question, Request, RequestState
from models.rights import ExportToken
from models.staff import BindingCode
from office import batch_forgetting
from office.console_sessions import LONGEST
from office.context import office
from office.forgetting import forget_pages, forget_questions, forget_request
from office.genuine import REMEMBERED
from office.lifecycle import CLOCK, locked, move
from office.mentions import forget_mentions
from office.signin_tries import WITHIN

A_DAY: Final = timedelta(days=1)
LOOKED_THROUGH: Final = 5_000  # contacts in one statement, which has five seconds on PostgreSQL

_SPARED: Final = """
AND NOT EXISTS (SELECT 1 FROM requests k
                WHERE k.office_id = $1 AND k.contact_id = {who} AND k.retained_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM contacts p
                WHERE p.office_id = $1 AND p.id = {who} AND p.restricted_at IS NOT NULL)
"""
_INBOX: Final = f"""
SELECT i.id FROM inbox i WHERE i.office_id = $1 AND i.scrubbed_at IS NULL AND i.received_at < $2
AND i.state <> 'new' {_SPARED.format(who="i.contact_id")} ORDER BY i.received_at LIMIT $3
"""  # noqa: S608 - ours
_OUTBOX: Final = f"""
SELECT o.id FROM outbox o WHERE o.office_id = $1 AND o.scrubbed_at IS NULL AND o.created_at < $2
AND o.state IN ('sent', 'failed', 'unknown', 'cancelled', 'expired')
{_SPARED.format(who="o.contact_id")} ORDER BY o.created_at LIMIT $3
"""  # noqa: S608 - ours
_FILES: Final = f"""
SELECT f.id FROM files f LEFT JOIN files p ON p.id = f.page_of_id AND p.office_id = f.office_id
JOIN inbox i ON i.id = COALESCE(f.event_id, p.event_id) AND i.office_id = f.office_id
WHERE f.office_id = $1 AND f.state = 'stored' AND f.created_at < $2
AND NOT EXISTS (SELECT 1 FROM papers b JOIN requests r ON r.id = b.request_id
                WHERE b.office_id = $1 AND b.scan_id = f.id AND r.forgotten_at IS NULL)
{_SPARED.format(who="i.contact_id")} ORDER BY f.created_at LIMIT $3
"""  # noqa: S608 - ours
_REQUESTS: Final = """
SELECT r.id FROM requests r WHERE r.office_id = $1 AND r.closed_at < $2 AND r.closed_at IS NOT NULL
AND r.forgotten_at IS NULL AND r.retained_at IS NULL
AND NOT EXISTS (SELECT 1 FROM contacts p
                WHERE p.office_id = $1 AND p.id = r.contact_id AND p.restricted_at IS NOT NULL)
ORDER BY r.closed_at LIMIT $3
"""
_DRAFTS: Final = """
SELECT r.id FROM requests r WHERE r.office_id = $1 AND r.state = 'draft' AND r.changed_at < $2
AND r.retained_at IS NULL
AND NOT EXISTS (SELECT 1 FROM contacts p
                WHERE p.office_id = $1 AND p.id = r.contact_id AND p.restricted_at IS NOT NULL)
ORDER BY r.changed_at LIMIT $3
"""
_QUESTIONS: Final = f"""
SELECT q.id FROM questions q WHERE q.office_id = $1 AND q.text <> '' AND q.answered_at < $2
{_SPARED.format(who="q.contact_id")} ORDER BY q.id LIMIT $3
"""  # noqa: S608 - ours
_BATCHES: Final = f"""
SELECT b.id FROM batches b WHERE b.office_id = $1 AND b.forgotten_at IS NULL AND b.state <> 'accepted'
AND COALESCE(b.ended_at, b.checked_at, b.received_at) < $2
{_SPARED.format(who="b.contact_id")} ORDER BY b.id LIMIT $3
"""  # noqa: S608 - ours
_SILENT: Final = """
SELECT c.id FROM contacts c
WHERE c.office_id = $1 AND c.id > $5 AND c.id <= $6
AND c.erased_at IS NULL AND c.merged_into IS NULL AND c.restricted_at IS NULL
AND ((c.created_at < $2 AND NOT EXISTS (
        SELECT 1 FROM conversations v
        WHERE v.office_id = $1 AND v.contact_id = c.id AND v.last_heard_at >= $2))
     OR (c.afresh_at < $4 AND NOT EXISTS (
        SELECT 1 FROM conversations v
        WHERE v.office_id = $1 AND v.contact_id = c.id AND v.last_heard_at > c.afresh_at)))
AND NOT EXISTS (SELECT 1 FROM requests r
                WHERE r.office_id = $1 AND r.contact_id = c.id AND r.forgotten_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM questions q
                WHERE q.office_id = $1 AND q.contact_id = c.id AND q.answered_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM data_requests d
                WHERE d.office_id = $1 AND d.contact_id = c.id AND d.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM staff_bindings b WHERE b.office_id = $1 AND b.contact_id = c.id)
AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.office_id = $1 AND o.contact_id = c.id
                AND o.state IN ('queued', 'claimed', 'sending'))
AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.office_id = $1 AND i.contact_id = c.id AND i.state = 'new')
AND NOT EXISTS (SELECT 1 FROM consents s WHERE s.office_id = $1 AND s.contact_id = c.id AND s.given
                AND NOT EXISTS (SELECT 1 FROM consents l WHERE l.office_id = $1 AND l.contact_id = c.id
                                AND l.purpose = s.purpose AND l.id > s.id))
ORDER BY c.id LIMIT $3
"""

_REACH: Final = f"""
SELECT max(id) AS id FROM (SELECT id FROM contacts WHERE office_id = $1 AND erased_at IS NULL AND id > $2
                           ORDER BY id LIMIT {LOOKED_THROUGH}) one
"""  # noqa: S608 - ours

Find = Callable[[datetime, int], Awaitable[list[int]]]
Act = Callable[[Sequence[int], datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Kind:
    """``find(now, most)``: what is due, oldest first; ``act(ids, now)`` takes it out, in a transaction.

    ``at_once``: so many in one transaction.
    """

    name: str
    find: Find
    act: Act
    at_once: int = 500


async def _ids(query: str, *values: object) -> list[int]:
    return [int(row["id"]) for row in await rows(query, [office().office_id, *values])]


def _before(days: int, now: datetime) -> datetime:
    """What is older has no other night before its days are over."""
    return now - timedelta(days=days) + A_DAY


async def _heard(now: datetime, most: int) -> list[int]:
    return await _ids(_INBOX, _before(office().office.days_of_messages, now), most)


async def _said(now: datetime, most: int) -> list[int]:
    return await _ids(_OUTBOX, _before(office().office.days_of_messages, now), most)


async def _loose_files(now: datetime, most: int) -> list[int]:
    return await _ids(_FILES, _before(office().office.days_of_messages, now), most)


async def _mark(ids: Sequence[int], _: datetime) -> None:
    await forgetting.mark_files(ids)


async def _set_aside(now: datetime, most: int) -> list[int]:
    old = Quarantined.filter(
        office_id=office().office_id, last_at__lt=_before(office().office.days_of_messages, now)
    )
    return [int(str(one)) for one in await old.order_by("id").limit(most).values_list("id", flat=True)]


async def _drop_set_aside(ids: Sequence[int], _: datetime) -> None:
    await Quarantined.filter(id__in=ids).delete()


async def _ended_requests(now: datetime, most: int) -> list[int]:
    return await _ids(_REQUESTS, _before(office().office.retention_days, now), most)


async def _forget_requests(ids: Sequence[int], now: datetime) -> None:
    found = await Request.filter(id__in=ids).order_by("id")
    await forget_mentions(found)
    for request in found:
        await forget_request(request, now)


async def _left_drafts(now: datetime, most: int) -> list[int]:
    return await _ids(_DRAFTS, _before(office().office.draft_days, now), most)


async def _forget_drafts(ids: Sequence[int], now: datetime) -> None:
    for found in await Request.filter(id__in=ids).order_by("id"):
        draft = await locked(found)
        if draft.state is RequestState.DRAFT:
            ended = await move(draft, RequestState.CANCELLED, actor=CLOCK, action="lapse", now=now)
            await forget_request(ended, now)


async def _answered_questions(now: datetime, most: int) -> list[int]:
    return await _ids(_QUESTIONS, _before(office().office.days_of_messages, now), most)


async def _forget_questions(ids: Sequence[int], now: datetime) -> None:
    await forget_questions(await Question.filter(id__in=ids).order_by("id"), now)


async def _old_batches(now: datetime, most: int) -> list[int]:
    return await _ids(_BATCHES, now - batch_forgetting.LIVES, most)


async def _silent_contacts(now: datetime, most: int) -> list[int]:
    since, found, last = _before(office().office.retention_days, now), list[int](), 0
    while len(found) < most and (reach := (await rows(_REACH, [office().office_id, last]))[0]["id"]):
        found += await _ids(_SILENT, since, most - len(found), now - A_DAY, last, int(reach))
        last = int(reach)
    return found


async def _forget_contacts(ids: Sequence[int], now: datetime) -> None:
    for contact in await Contact.filter(id__in=ids).order_by("id"):
        await forgetting.forget_contact(contact, now)


async def _old_broadcasts(now: datetime, most: int) -> list[int]:
    """Whose code is not remembered any more."""
    old = Broadcast.filter(office_id=office().office_id, drafted_at__lt=now - timedelta(days=REMEMBERED))
    kept = old.exclude(text="").exclude(state=BroadcastState.CONFIRMED).order_by("id").limit(most)
    return [int(str(one)) for one in await kept.values_list("id", flat=True)]


async def _forget_broadcasts(ids: Sequence[int], now: datetime) -> None:
    drafts = Broadcast.filter(id__in=ids, state=BroadcastState.DRAFT)
    await drafts.update(state=BroadcastState.CANCELLED, ended_at=now)
    await Broadcast.filter(id__in=ids).update(text="")


def _outdated(
    model: type[Model], drop: Act | None = None, since: str = "expires_at", after: timedelta = timedelta()
) -> tuple[Find, Act]:
    """What could be used once or for a while, a day after it could be used last: ``after`` its ``since``."""

    async def find(now: datetime, most: int) -> list[int]:
        over = {f"{since}__lt": now - after - A_DAY}
        old = model.filter(office_id=office().office_id, **over).order_by("id").limit(most)
        return [int(str(one)) for one in await old.values_list("id", flat=True)]

    async def delete(ids: Sequence[int], _: datetime) -> None:
        await model.filter(id__in=ids).delete()

    return find, drop or delete


async def _drop_pages(ids: Sequence[int], _: datetime) -> None:
    await forget_pages(await FormToken.filter(id__in=ids))


MESSAGES: Final = (
    Kind("inbox", _heard, forgetting.scrub_heard),
    Kind("outbox", _said, forgetting.scrub_said),
    Kind("files", _loose_files, _mark),
    Kind("quarantine", _set_aside, _drop_set_aside),
)
"""What any bot's conversations leave behind."""

EVERYTHING: Final = (
    Kind("requests", _ended_requests, _forget_requests, at_once=50),
    Kind("drafts", _left_drafts, _forget_drafts, at_once=50),
    Kind("questions", _answered_questions, _forget_questions, at_once=100),
    Kind("batches", _old_batches, batch_forgetting.forget, at_once=20),
    *MESSAGES,
    Kind("broadcasts", _old_broadcasts, _forget_broadcasts),
    Kind("forms", *_outdated(FormToken, _drop_pages)),
    Kind("link_codes", *_outdated(LinkCode)),
    Kind("staff_codes", *_outdated(BindingCode)),
    Kind("exports", *_outdated(ExportToken)),
    Kind("console_links", *_outdated(ConsoleLink)),
    Kind("console_sessions", *_outdated(ConsoleSession, since="created_at", after=LONGEST)),
    Kind("signin_tries", *_outdated(SigninTry, since="at", after=WITHIN)),
    Kind("contacts", _silent_contacts, _forget_contacts, at_once=50),
)
