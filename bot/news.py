"""What happened to a person's address: it blocked us, it moved, it may be somebody else's now."""

from datetime import datetime

from bot.channels.base import News
from bot.directory import Directory, conversation
from models.contacts import Conversation
from models.outbox import OutboxKind, OutboxMessage, OutboxState

Place = tuple[int, str, str]  # contact, channel, account


async def apply(news: News, place: Place, people: Directory, *, now: datetime) -> None:
    """Record it; inside a transaction.

    New hands: what was answered to the old ones and has not gone out yet never will.
    """
    contact_id, channel, account = place
    talk = await conversation(people.office_of(channel, account), contact_id, channel, account)
    here = Conversation.filter(id=talk.id)
    if news.reachable is not None:
        await here.update(unreachable_at=None if news.reachable else now, refused_at=None)
    if news.new_hands:
        await here.update(reverify_since=now)
        await OutboxMessage.filter(
            contact_id=contact_id,
            channel=channel,
            account=account,
            kind=OutboxKind.REPLY,
            state=OutboxState.QUEUED,
        ).update(state=OutboxState.CANCELLED, failure="new_hands")
    if news.addresses:
        await people.replace(contact_id, channel, account, news.addresses, now=now)
    for kind in news.lost:
        await people.drop(contact_id, channel, account, kind)
