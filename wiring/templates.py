"""``run.py templates``: what the platforms have approved of what we send, asked and written down."""

from collections.abc import AsyncIterator, Iterable, Sequence

import aiohttp

from bot import templates as registry
from bot.channels.base import ChannelAdapter, DeliveryFailed, Finding, HasTemplates
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from bot.tier import BEYOND_TIER, DAY, reached
from models.database import transaction
from models.outbox import OutboxMessage, OutboxState
from models.templates import MessageTemplate
from office import templates
from office.context import OfficeContext, at_office
from wiring.channels import open_channels
from wiring.clocks import clock_of
from wiring.offices import Branch
from wiring.settings import Settings

NOT_ASKED = "never asked: run.py templates sync"


async def listing() -> list[str]:
    """The registry, a line for each template, with what stands in its way."""
    lines = []
    wanted = templates.wanted()
    for row in await MessageTemplate.all().order_by("channel", "account", "name", "language"):
        found = await registry.problems(row.channel, row.account, wanted)
        what = next((p.what for p in found if (p.name, p.language) == (row.name, row.language)), "")
        facts = (row.channel, row.account, row.name, row.language, row.category, row.status, what)
        lines.append("  ".join(filter(None, facts)))
    return lines


async def sync_all(settings: Settings, branches: Sequence[Branch]) -> list[Finding]:
    """Ask every channel that has templates; what it said, and what stands in the way of ours."""
    found: list[Finding] = []
    async with aiohttp.ClientSession() as http:
        for branch in branches:
            for channel in open_channels(branch, http, SealedStorage(Storage.open(settings.storage_url))):
                found += [told_of(branch, channel, one) for one in await sync(channel, settings, branch.here)]
                await channel.session.close()
    return found


def told_of(branch: Branch, channel: ChannelAdapter, finding: Finding) -> Finding:
    """The finding with whom it is about: the channel, and the office where it is not the first."""
    office = f"office {branch.here.office_id}, " if branch.host else ""
    return Finding(f"{office}{channel.channel}: {finding.name}", finding.ok, finding.detail)


async def sync(channel: ChannelAdapter, settings: Settings, here: OfficeContext) -> list[Finding]:
    """What the channel says of this office's templates, written down."""
    with at_office(here.office_id):
        return [finding async for finding in _sync(channel, settings, here)]


async def _sync(channel: ChannelAdapter, settings: Settings, here: OfficeContext) -> AsyncIterator[Finding]:
    """Nothing where the channel has no templates; with them, how much of its messaging limit is used.

    What is only missing is told, and is no failure: an office that has just begun has submitted none.
    """
    if not isinstance(channel, HasTemplates):
        return
    try:
        listed = await channel.templates()
    except DeliveryFailed as failure:
        yield Finding("templates", True, f"cannot be listed ({failure.code})")
        return
    place = registry.Place(here.office_id, str(channel.channel), channel.account)
    wanted, now = templates.wanted(), clock_of(settings)()
    await transaction(lambda: registry.sync(place, listed, wanted, now))
    used = len(await reached((place.channel, place.office_id), now - DAY))
    yield Finding(
        "written to first", True, f"{used} people in the last 24 hours, {await _turned_away(place)} wait"
    )
    problems = await registry.problems(place.channel, place.account, wanted)
    yield Finding("templates", True, _summary(len(wanted), problems))
    for problem in problems:
        if problem.what != "missing":
            yield Finding(f"template {problem.name} ({problem.language})", False, _advice(problem.what))


async def _turned_away(place: registry.Place) -> int:
    queued = OutboxMessage.filter(channel=place.channel, state=OutboxState.QUEUED, failure=BEYOND_TIER)
    return int(await queued.count())


def _summary(wanted: int, problems: Iterable[registry.Problem]) -> str:
    missing = sum(problem.what == "missing" for problem in problems)
    told = f"{wanted - missing} of {wanted} known to the platform"
    return f"{told}; submit the others: docs/templates.md" if missing else told


def _advice(what: str) -> str:
    if what == "recategorised":
        return "recategorised: each is charged as advertising; ask for a review, or word it anew"
    if what == "parameters":
        return "its variables are not those of docs/templates.md"
    return what
