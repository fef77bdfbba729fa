"""Two contacts become one; or a conversation with new hands leaves the contact that it belonged to.

Who may ask for that, and how they prove it, is the office's business.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from tortoise.models import Model

from bot import ids, jsontext
from bot.step import current
from models.contacts import Address, Contact, Conversation
from models.database import is_postgres, rows
from models.fsm import FsmRecord

log = structlog.get_logger(__name__)

Place = tuple[str, str]  # channel, account

HISTORY: Final = frozenset({"link_codes", "links_asked"})
"""References that tell who did something once: they stay as they were."""


class CannotJoin(Exception):
    """These two contacts cannot be one."""


class SamePlace(CannotJoin):
    """Both can be written to through one account of one channel, and only one of the two would be."""


class Bound(CannotJoin):
    """A chat of theirs speaks for somebody else: a member of staff's."""


class NotThere(CannotJoin):
    """One of them was joined to somebody meanwhile, or they are one already."""


async def join(contact_id: int, into: int) -> None:
    """Everything of the first contact is the second's from now on; inside a transaction.

    Conversations keep their windows, keyboards and places in a form.  Where both have a conversation on one
    account, the second's gives way if nobody can be reached there, or nobody knows whom.
    Raises: SamePlace, Bound, NotThere; then nothing was changed.
    """
    await _hold(contact_id, into)
    for place in await check(contact_id, into):
        await _leave(into, place)
    for model, column in _references():
        await model.filter(**{column: contact_id}).update(**{column: into})
    await _carry_states(contact_id, into)
    if (
        rests := (await Contact.get(id=contact_id)).restricted_at
    ) is not None:  # what they asked for stays so
        await Contact.filter(id=into, restricted_at=None).update(restricted_at=rests)
    await Contact.filter(merged_into=contact_id).update(merged_into=into)
    await Contact.filter(id=contact_id).update(merged_into=into)
    _owners_changed()
    log.info("contacts.joined", contact=into, joined=contact_id)


async def check(contact_id: int, into: int) -> Sequence[Place]:
    """Whether `join` would succeed, and the second contact's conversations that would give way.

    Raises: SamePlace (its text is the channel), Bound, NotThere.
    """
    known = await Contact.filter(id__in=(contact_id, into), merged_into=None).count()
    if known < 2:
        raise NotThere
    for model, column in _references(one_to_one=True):
        if await model.filter(**{f"{column}__in": (contact_id, into)}).exists():
            raise Bound(model.__name__)
    twice = sorted(await _places(contact_id) & await _places(into))
    for place in twice:
        if not await _gives_way(into, place):
            raise SamePlace(place[0])
    return twice


async def part(contact_id: int, channel: str, account: str, *, now: datetime) -> int:
    """The addresses of one conversation go to a contact of their own; inside a transaction.

    What was said and filed before stays with the contact that it belongs to.  Gives the fresh contact's id.
    """
    before = await Contact.get(id=contact_id)
    talk = await Conversation.get(contact_id=contact_id, channel=channel, account=account)
    fresh = await Contact.create(office_id=before.office_id, language=before.language, created_at=now)
    here = Address.filter(contact_id=contact_id, channel=channel, account=account)
    await here.update(contact_id=fresh.id)
    await Conversation.create(
        office_id=before.office_id,
        contact_id=fresh.id,
        channel=channel,
        account=account,
        window_expires_at=talk.window_expires_at,
        last_heard_at=now,
    )
    _owners_changed()
    log.info("contacts.parted", contact=contact_id, fresh=fresh.id, channel=channel)
    return int(fresh.id)


def _references(*, one_to_one: bool = False) -> Iterator[tuple[type[Model], str]]:
    """Every column of every table that says whose a row is; read from the models, so that none is missed."""
    meta = Contact._meta
    for name in sorted(meta.backward_o2o_fields if one_to_one else meta.backward_fk_fields):
        field: Any = meta.fields_map[name]
        if name not in HISTORY:
            yield field.related_model, field.relation_field


async def _hold(contact_id: int, into: int) -> None:
    """Nobody writes for the first contact until this transaction ends, and the second is joined to nobody."""
    if is_postgres():
        await rows("SELECT id FROM contacts WHERE id = $1 FOR UPDATE", [contact_id])
        await rows("SELECT id FROM contacts WHERE id = $1 FOR KEY SHARE", [into])


async def _places(contact_id: int) -> set[Place]:
    """Where the contact has a conversation or an address."""
    found: set[Place] = set()
    for model in (Address, Conversation):
        listed = await model.filter(contact_id=contact_id).distinct().values_list("channel", "account")
        found |= {(str(channel), str(account)) for channel, account in listed}
    return found


async def _gives_way(contact_id: int, place: Place) -> bool:
    channel, account = place
    if not await Address.filter(contact_id=contact_id, channel=channel, account=account).exists():
        return True
    talk = await Conversation.get_or_none(contact_id=contact_id, channel=channel, account=account)
    return talk is not None and not (talk.reverify_since is None and talk.unreachable_at is None)


async def _leave(contact_id: int, place: Place) -> None:
    channel, account = place
    for model in (Address, Conversation):
        await model.filter(contact_id=contact_id, channel=channel, account=account).delete()


async def _carry_states(contact_id: int, into: int) -> None:
    """Where forms stand, under the other contact's chat ids.  Those that a platform gives do not change."""
    old, new = str(ids.chat_id(contact_id)), str(ids.chat_id(into))
    for record in await FsmRecord.filter(key__contains=f":{old}:"):
        key = ":".join(new if part == old else part for part in record.key.split(":"))
        there = await FsmRecord.get_or_none(key=key)
        data = record.data
        if there is not None:
            data = jsontext.dumps(_folded(json.loads(there.data), json.loads(data)))
        await FsmRecord.filter(key__in=(key, record.key)).delete()
        await FsmRecord.create(key=key, office_id=record.office_id, state=record.state, data=data)


def _folded(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The new data, and of the old what it does not say; lists (papers that wait) one behind the other."""
    folded = {**old, **{name: value for name, value in new.items() if value is not None}}
    for name in old.keys() & new.keys():
        if isinstance(old[name], list) and isinstance(new[name], list):
            folded[name] = old[name] + new[name]
    return folded


def _owners_changed() -> None:
    if (step := current()) is not None:
        step.owners_changed = True
