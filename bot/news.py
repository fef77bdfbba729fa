"""What happened to a person's address: it blocked us, it moved, it may be somebody else's now."""

from datetime import datetime

from bot.channels.base import News
from bot.directory import Directory
from models.contacts import Contact, Conversation
from models.inbox import InboxEvent


async def apply(news: News, event: InboxEvent, people: Directory, *, now: datetime) -> None:
    """Record it; inside a transaction."""
    if event.contact_id is None:
        return
    here = Conversation.filter(contact_id=event.contact_id, channel=event.channel, account=event.account)
    if news.reachable is not None:
        await here.update(unreachable_at=None if news.reachable else now, refused_at=None)
    if news.addresses:
        await people.replace(event.contact_id, event.channel, event.account, news.addresses, now=now)
    if news.new_hands:
        await Contact.filter(id=event.contact_id).update(reverify_since=now)
