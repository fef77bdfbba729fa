"""When a message could not be handled for good: the person is told, and nothing is hidden from staff."""

from __future__ import annotations

from datetime import datetime

from bot.notices import Notice
from bot.outbox import queue_notice
from models.inbox import InboxEvent
from office.notice_classes import expires


async def parked(event: InboxEvent, now: datetime) -> bool:
    """Tell the person that their message is kept and was not understood by us.  Once for each message."""
    if event.contact_id is None:
        return False
    return await queue_notice(
        Notice(
            key=f"parked:{event.id}",
            name="trouble",
            contact_id=event.contact_id,
            channel=event.channel,
            account=event.account,
            due_at=now,
            expires_at=expires("trouble", now),
            facts={},
        )
    )
