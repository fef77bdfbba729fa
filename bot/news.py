"""What happened to a person's address: it blocked us, it moved, it may be somebody else's now."""

from datetime import datetime

from bot.channels.base import News
from bot.directory import Directory, conversation
from models.contacts import Conversation
from models.inbox import InboxEvent


async def apply(news: News, event: InboxEvent, people: Directory, *, now: datetime) -> None:
    """Record it; inside a transaction."""
    if event.contact_id is None:
        return
    talk = await conversation(event.office_id, event.contact_id, event.channel, event.account)
    here = Conversation.filter(id=talk.id)
    if news.reachable is not None:
        await here.update(unreachable_at=None if news.reachable else now, refused_at=None)
    if news.new_hands:
        await here.update(reverify_since=now)
    if news.addresses:
        await people.replace(event.contact_id, event.channel, event.account, news.addresses, now=now)
