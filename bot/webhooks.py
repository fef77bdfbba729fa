"""The door: a genuine body is kept, then acknowledged; never the other way round.

Each channel verifies its own raw bytes before it knocks here.  From then on a signed body is answered 200
(stored, or seen before), 400 (not JSON) or 503 (not stored: the provider comes again), and nothing else.
What cannot be understood is kept too: aside, for people.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from bot import jsontext
from bot.channels.base import ChannelAdapter, Incoming, MalformedBody
from bot.clock import Clock
from bot.fast_path import FastPath
from bot.inbox import Inbox, NotStored
from bot.metrics import ACK
from bot.quarantine import Aside, Quarantine
from models.failpoint import failpoint
from models.quarantine import Reason

log = structlog.get_logger(__name__)

LARGEST_BODY = 4 * 1024**2  # bytes; Meta sends up to 3 MB, aiohttp's own limit would be 1
OLDEST = timedelta(days=7)  # as long as any platform goes on bringing a webhook


Beside = Mapping[tuple[str, str], Sequence[ChannelAdapter]]
Understood = tuple[ChannelAdapter, list[Incoming], list[Aside]]


class Door:
    """Hands genuine bodies to the inbox, and what nobody understands to the quarantine."""

    def __init__(
        self, inbox: Inbox, quarantine: Quarantine, clock: Clock, beside: Beside | None = None
    ) -> None:
        """``beside``: for an account the others whose bodies are signed alike, and may come with its own."""
        self._beside = beside or {}
        self._inbox = inbox
        self._quarantine = quarantine
        self._clock = clock
        self.fast: FastPath | None = None

    async def accept(self, adapter: ChannelAdapter, raw: bytes) -> web.Response:
        """Store what ``raw`` says; the answer for the provider."""
        began = time.perf_counter()
        failpoint("door.verified")
        try:
            payload = jsontext.loads(raw)
        except jsontext.NotJson:
            kept = await self._store(adapter, [], [Aside(Reason.NOT_JSON, raw)])
            return web.Response(status=400, text="not JSON") if kept else _not_stored()
        for one, events, aside in self._shared_out(adapter, payload, raw):
            if not await self._store(one, events, aside):
                return _not_stored()
        failpoint("door.stored")
        ACK.labels(channel=adapter.channel).observe(time.perf_counter() - began)
        return web.Response(text="ok")

    def _shared_out(self, adapter: ChannelAdapter, payload: object, raw: bytes) -> Iterator[Understood]:
        """To each account what is its own; what is nobody's stays with the one at whose door it came."""
        now = self._clock()
        events, aside = understand(adapter, payload, raw, now)
        for other in self._beside.get((str(adapter.channel), adapter.account), ()):
            foreign = [piece for piece in aside if piece.reason is Reason.FOREIGN_ACCOUNT]
            if not foreign:
                break
            theirs, set_aside = understand(other, payload, raw, now)
            known = {event.external_id for event in events}
            yield (
                other,
                [event for event in theirs if event.external_id not in known],
                [p for p in set_aside if p.reason is not Reason.FOREIGN_ACCOUNT and p not in aside],
            )
            aside = [piece for piece in aside if piece not in foreign or piece in set_aside]
        yield adapter, events, aside

    async def _store(
        self, adapter: ChannelAdapter, events: Sequence[Incoming], aside: Sequence[Aside]
    ) -> bool:
        """False if not all of it could be kept: the provider comes again with all of it."""
        try:
            await self._quarantine.keep(adapter.channel, adapter.account, aside)
            if events or not aside:
                await self._hand_in(adapter, events)
        except NotStored:
            return False
        except Exception as error:
            log.warning("door.not_set_aside", channel=adapter.channel, error=type(error).__name__)
            return False
        return True

    async def _hand_in(self, adapter: ChannelAdapter, events: Sequence[Incoming]) -> None:
        """Raises: NotStored."""
        if self.fast is not None and len(events) == 1 and await self.fast.takes(adapter, events[0]):
            return
        await self._inbox.store(adapter.channel, adapter.account, events)


def understand(
    adapter: ChannelAdapter, payload: object, raw: bytes, now: datetime
) -> tuple[list[Incoming], list[Aside]]:
    """The events of a body, and what of it is set aside: all where not even its envelope can be read."""
    try:
        found = adapter.read(payload)
    except MalformedBody as error:
        log.warning("door.malformed", channel=adapter.channel, field=str(error)[:80])
        return [], [Aside(Reason.UNREADABLE, raw)]
    events: list[Incoming] = []
    aside: list[Aside] = []
    for event in found:
        reason = event.aside or (Reason.TOO_OLD if _too_old(event, now) else None)
        if reason is None:
            events.append(event)
        else:
            aside.append(Aside(reason, jsontext.dumps(event.body).encode()))
    return events, aside


def _too_old(event: Incoming, now: datetime) -> bool:
    return event.sent_at is not None and now - event.sent_at > OLDEST


def _not_stored() -> web.Response:
    return web.Response(status=503, text="not stored")
