"""The office's limits where messages, files and calls come in."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.allowance import Allowance
from bot.callers import Callers, Rule, limited, networks
from bot.clock import Clock
from bot.restraint import Restraint
from models.database import transaction
from models.inbox import InboxEvent
from office import limits
from office.context import OfficeContext, at_office, office
from pages.too_many import too_many
from wiring.settings import Settings

log = structlog.get_logger(__name__)


def restraint(
    clock: Clock, wake: Callable[[], None], monotonic: Callable[[], float] = time.monotonic
) -> Restraint:
    """``wake`` the delivery once somebody was told that they write too fast."""

    def per_minute(event: InboxEvent) -> int:
        with at_office(event.office_id):
            return office().limits.messages_per_minute

    async def said_lately(event: InboxEvent) -> int:
        with at_office(event.office_id):
            return await limits.said_lately(event, clock())

    async def on_wait(event: InboxEvent) -> bool:
        with at_office(event.office_id):
            told = await transaction(partial(limits.too_fast, event, clock()))
        wake()
        return told

    return Restraint(per_minute, said_lately, on_wait, monotonic)


class DailyBytes:
    """A `bot.intake.Quota` by the office's day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def left(self, event: InboxEvent) -> int:
        with at_office(event.office_id):
            return await limits.bytes_left(event, self._clock())

    async def used_up(self, event: InboxEvent) -> None:
        with at_office(event.office_id):
            await transaction(partial(limits.note_bytes, event.contact_id or 0, self._clock()))


def callers(settings: Settings) -> Callers | None:
    """None: TLS ends at a proxy that nobody named, so that all who call seem to be one."""
    if settings.public_url.startswith("https://") and not settings.http.trusted_proxies:
        return None
    return Callers(networks(settings.http.trusted_proxies))


def by_address(
    settings: Settings, here: OfficeContext, monotonic: Callable[[], float] = time.monotonic
) -> Middleware:
    """What one address may post in a minute: to the web chat, our pages, the console; pieces of uploads."""
    most = settings.limits
    pages = partial(too_many, here)
    rules: Sequence[Rule] = (
        Rule("POST", "/chat/", Allowance(most.address_posts_per_minute, monotonic), _tell_page),
        Rule("POST", "/f/", Allowance(most.address_posts_per_minute, monotonic), pages),
        Rule("POST", "/console/", Allowance(most.address_posts_per_minute, monotonic), pages),
        Rule("PATCH", "/f/", Allowance(most.address_uploads_per_minute, monotonic), pages),
    )
    told_apart = callers(settings)
    if told_apart is None:
        log.warning("callers.proxy_unnamed")
    return limited(told_apart or Callers(), rules if told_apart is not None else ())


def _tell_page(_: web.Request, __: int) -> web.Response:
    """The chat's page knows a sentence for it, keeps the message and sends it again."""
    return web.json_response({"error": "too_many"}, status=429)
