"""What somebody who has just written is told besides an answer: kept, and not handled, or not yet."""

from __future__ import annotations

from datetime import datetime

from bot.notices import Notice
from bot.outbox import queue_notice
from models.inbox import InboxEvent
from office.notice_classes import expires


async def parked(event: InboxEvent, now: datetime) -> bool:
    """Tell the person that their message is kept and was not understood by us.  Once for each message."""
    return await tell_writer(event, "trouble", f"parked:{event.id}", now)


async def tell_writer(event: InboxEvent, name: str, key: str, now: datetime) -> bool:
    """Say a notice without facts where the event came from.  False: nobody wrote, or it was said before."""
    if event.contact_id is None:
        return False
    return await queue_notice(
        Notice(
            key=key,
            name=name,
            contact_id=event.contact_id,
            channel=event.channel,
            account=event.account,
            due_at=now,
            expires_at=expires(name, now),
            facts={},
        )
    )
