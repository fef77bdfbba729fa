"""The registry of templates: what the platforms have approved, held against what we are about to send.

A row stands for what the platform said when it was last asked, or since: a refusal of a template is news of
it, too.  Where nobody has ever asked, nothing is held back, and the platform decides.
Source: Meta, "Message templates", "Template status", "Error codes" (132000, 132005, 132012), read 2026-11.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.base import DeliveryFailed, Fault, RegisteredTemplate
from bot.methods import SendTemplate
from models.templates import MessageTemplate

BODY = 1024  # characters of the body with its values
APPROVED, PENDING, PAUSED, MISSING = "APPROVED", "PENDING", "PAUSED", "MISSING"
UTILITY = "UTILITY"  # the category of what was asked for; everything else is charged as advertising
REFUSED = "REFUSED"  # a send was refused for the template's sake
LOOK_AGAIN = timedelta(minutes=15)
PAUSE = timedelta(hours=3)  # a platform's first pause; then it is tried again

_BLANKS = re.compile(r"\s+")
_WORDS: Mapping[str, str] = {MISSING: "missing", "DISABLED": "disabled", "REJECTED": "rejected"}


@dataclass(frozen=True, slots=True)
class Place:
    """An account's corner of the registry."""

    office_id: int
    channel: str
    account: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A template that we send, with its variables in order."""

    name: str
    language: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """``what``: missing, paused, pending, …, recategorised, parameters."""

    name: str
    language: str
    what: str


def flat(value: str) -> str:
    """The value on one line: newlines, tabs and runs of more than four spaces are refused (132012)."""
    return _BLANKS.sub(" ", value).strip()


async def checked(method: SendTemplate, place: Place, now: datetime, *, filled: str | None) -> SendTemplate:
    """The method as the platform will take it.  ``filled``: the body with its values, where it is known.

    Raises: DeliveryFailed (`TEMPLATE_FAULT`), with ``retry_after`` where waiting may help.
    """
    values = {name: flat(value) for name, value in method.parameters.items()}
    if not all(values.values()):
        raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_empty_value")
    if filled is not None and len(filled) > BODY:
        raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_too_long")
    known = await _known(place, method.name, method.language)
    if known is None and await MessageTemplate.exists(channel=place.channel, account=place.account):
        raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_missing")
    if known is not None:
        _judge(known, now)
        values = _named_as(known.variables, values) if known.status == APPROVED else values
    return method.model_copy(update={"parameters": values})


def _judge(known: MessageTemplate, now: datetime) -> None:
    if known.status == APPROVED:
        return
    if known.status == PAUSED:
        if known.synced_at + PAUSE <= now:
            return
        wait = known.synced_at + PAUSE - now
        raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_paused", retry_after=wait)
    if known.status == PENDING:
        raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_pending", retry_after=LOOK_AGAIN)
    raise DeliveryFailed(Fault.TEMPLATE_FAULT, f"template_{_word(known.status)}")


def _named_as(variables: Sequence[str], values: Mapping[str, str]) -> dict[str, str]:
    """The values under the platform's names in its order; numbered variables take ours one by one."""
    if len(variables) == len(values) and set(variables) == set(values):
        return {name: values[name] for name in variables}
    if len(variables) == len(values) and all(name.isdigit() for name in variables):
        return dict(zip(sorted(variables, key=int), values.values(), strict=True))
    raise DeliveryFailed(Fault.TEMPLATE_FAULT, "template_parameters")


async def refused(method: SendTemplate, place: Place, failure: DeliveryFailed, now: datetime) -> None:
    """The platform would not take this template: until it says otherwise, no other is sent."""
    status = PAUSED if failure.retry_after is not None else f"{REFUSED} {failure.code}"[:24]
    if await _known(place, method.name, method.language) is None:
        listed = RegisteredTemplate(
            name=method.name,
            language=method.language,
            category=UTILITY,
            status=status,
            parameters=tuple(method.parameters),
        )
        await _keep(place, listed, now)
        return
    await set_status(place, method.name, method.language, status, now)


async def set_status(place: Place, name: str, language: str, status: str, now: datetime) -> bool:
    """The platform's news of one template; False for one that we do not know."""
    here = MessageTemplate.filter(channel=place.channel, account=place.account, name=name, language=language)
    return bool(await here.update(status=status[:24], synced_at=now))


async def sync(
    place: Place, listed: Iterable[RegisteredTemplate], wanted: Iterable[Wanted], now: datetime
) -> None:
    """Write down what the platform lists; what we send and it does not list is missing.  In a transaction."""
    found = {(one.name[:120], one.language[:8]): one for one in listed}
    for row in await MessageTemplate.filter(channel=place.channel, account=place.account):
        if (row.name, row.language) not in found:
            await row.delete()
    for one in wanted:
        found.setdefault(
            (one.name, one.language),
            RegisteredTemplate(
                name=one.name,
                language=one.language,
                category=UTILITY,
                status=MISSING,
                parameters=one.parameters,
            ),
        )
    for listed_one in found.values():
        await _keep(place, listed_one, now)


async def problems(channel: str, account: str, wanted: Iterable[Wanted]) -> list[Problem]:
    """What stands in the way of the templates that we send, as last heard."""
    rows = {
        (row.name, row.language): row
        for row in await MessageTemplate.filter(channel=channel, account=account)
    }
    if not rows:
        return []
    said = ((one, _problem(rows.get((one.name, one.language)), one)) for one in wanted)
    return [Problem(one.name, one.language, what) for one, what in said if what is not None]


def _problem(row: MessageTemplate | None, wanted: Wanted) -> str | None:
    if row is None:
        return _WORDS[MISSING]
    if row.status != APPROVED:
        return _word(row.status)
    if row.category != UTILITY:
        return "recategorised"
    try:
        _named_as(row.variables, dict.fromkeys(wanted.parameters, "x"))
    except DeliveryFailed:
        return "parameters"
    return None


def _word(status: str) -> str:
    return _WORDS.get(status) or status.partition(" ")[0].lower()


async def _known(place: Place, name: str, language: str) -> MessageTemplate | None:
    return await MessageTemplate.get_or_none(
        channel=place.channel, account=place.account, name=name, language=language
    )


async def _keep(place: Place, one: RegisteredTemplate, now: datetime) -> None:
    fields: dict[str, Any] = {
        "category": one.category[:16],
        "status": one.status[:24],
        "parameters": json.dumps(list(one.parameters)),
        "synced_at": now,
        "office_id": place.office_id,
    }
    key: dict[str, Any] = {
        "channel": place.channel,
        "account": place.account,
        "name": one.name[:120],
        "language": one.language[:8],
    }
    if not await MessageTemplate.filter(**key).update(**fields):
        await MessageTemplate.create(**key, **fields)
