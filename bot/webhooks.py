"""The door: a genuine body is kept, then acknowledged; never the other way round.

Each channel verifies its own raw bytes before it knocks here.  From then on a signed body is answered 200
(stored, or seen before), 400 (not JSON) or 503 (not stored: the provider comes again), and nothing else.
"""

import hashlib
import time
from collections.abc import Sequence

import structlog
from aiohttp import web

from bot import jsontext
from bot.channels.base import ChannelAdapter, Incoming, MalformedBody
from bot.fast_path import FastPath
from bot.inbox import Inbox, NotStored
from bot.metrics import ACK
from models.failpoint import failpoint
from models.inbox import InboxKind

log = structlog.get_logger(__name__)

LARGEST_BODY = 4 * 1024**2  # bytes; Meta sends up to 3 MB, aiohttp's own limit would be 1


class Door:
    """Hands genuine bodies to the inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.fast: FastPath | None = None

    async def accept(self, adapter: ChannelAdapter, raw: bytes) -> web.Response:
        """Store what ``raw`` says; the answer for the provider."""
        began = time.perf_counter()
        failpoint("door.verified")
        try:
            payload = jsontext.loads(raw)
        except jsontext.NotJson:
            return web.Response(status=400, text="not JSON")
        try:
            await self._keep(adapter, read(adapter, payload, raw))
        except NotStored:
            return web.Response(status=503, text="not stored")
        failpoint("door.stored")
        ACK.labels(channel=adapter.channel).observe(time.perf_counter() - began)
        return web.Response(text="ok")

    async def _keep(self, adapter: ChannelAdapter, events: Sequence[Incoming]) -> None:
        """Raises: NotStored."""
        if self.fast is not None and len(events) == 1 and await self.fast.takes(adapter, events[0]):
            return
        await self._inbox.store(str(adapter.channel), adapter.account, events)


def read(adapter: ChannelAdapter, payload: object, raw: bytes) -> list[Incoming]:
    """The events of a body.  One that the channel cannot read at all is kept whole, aside."""
    try:
        return adapter.read(payload)
    except MalformedBody as error:
        log.warning("door.malformed", channel=adapter.channel, field=str(error)[:80])
        whole = {"unread": raw.decode("utf-8", "replace")}
        ident = f"raw:{hashlib.sha256(raw).hexdigest()}"
        return [Incoming(external_id=ident, kind=InboxKind.OTHER, body=jsontext.clean(whole))]
