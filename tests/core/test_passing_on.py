"""What reaches a process that does not hold the conversation is kept for the one that does."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from tortoise.expressions import F

from bot.fast_path import FastPath
from models.contacts import Contact, Conversation
from models.division import partition_of
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from tests.core.channel import arrival
from tests.core.test_fast_path import House, counts

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


class Replica(House):
    """``told``: of whom the others would hear that something waits."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.told: list[InboxEvent] = []

    @property
    def fast(self) -> FastPath:
        assert self.core is not None
        assert self.core.door.fast is not None
        return self.core.door.fast

    def holds(self, *partitions: int) -> None:
        assert self.core is not None
        self.fast.is_mine = lambda contact: partition_of(contact) in partitions
        self.core.inbox.on_new = self.told.append
        self.core._taking_up.fast = self.fast.takes_up

    async def is_told(self, people: Sequence[int]) -> None:
        assert self.core is not None
        await self.core._taking_up.of_people(people)
        await self.settles()


async def answers() -> list[str]:
    """Sent or not: what goes the plain way waits for whichever of the two claims it."""
    return [str(json.loads(row.payload)["text"]) for row in await OutboxMessage.all().order_by("id")]


@pytest.fixture
async def replicas(database: str, tmp_path: Path) -> AsyncIterator[tuple[Replica, Replica]]:
    """Two that share a database; the first holds Maria's conversation, who has said "one"."""
    owner, other = Replica(tmp_path / "owner"), Replica(tmp_path / "other")
    for replica in (owner, other):
        await replica.opens(counts)
    assert await owner.takes(arrival("a", text="one"))
    await owner.settles()
    owner.holds(partition_of((await Contact.get()).id))
    other.holds()
    yield owner, other
    for replica in (owner, other):
        await replica.closes()


async def test_it_is_kept_and_told_of_and_its_owner_answers(replicas: tuple[Replica, Replica]) -> None:
    owner, other = replicas
    assert await other.takes(arrival("b", text="two"))
    (told,) = other.told
    kept = await InboxEvent.get(external_id="b")
    assert (kept.id, kept.contact_id, kept.state) == (told.id, told.contact_id, InboxState.NEW)
    assert other.channel.session.said == []

    await owner.is_told([kept.contact_id or 0])
    assert owner.channel.session.said == ["one 1", "two 2"]
    assert (await InboxEvent.get(external_id="b")).state is InboxState.DONE
    assert (await Conversation.get()).turn == 2
    assert set(await OutboxMessage.all().values_list("state", flat=True)) == {OutboxState.SENT}

    await owner.is_told([kept.contact_id or 0])  # twice told is not twice handled
    assert owner.channel.session.said == ["one 1", "two 2"]


async def test_brought_again_it_is_kept_once(replicas: tuple[Replica, Replica]) -> None:
    owner, other = replicas
    for _ in range(3):
        await other.takes(arrival("b", text="two"))
    await asyncio.gather(*(other.takes(arrival("c", text="three")) for _ in range(3)))
    assert await InboxEvent.all().count() == 3
    await owner.is_told([(await Contact.get()).id])
    assert await answers() == ["one 1", "two 2", "three 3"]


async def test_whoever_receives_them_they_are_handled_as_they_came(
    replicas: tuple[Replica, Replica], tmp_path: Path
) -> None:
    """Also where the one that comes second was received by a process that took its numbers first."""
    owner, second = replicas
    first = Replica(tmp_path / "third")
    await first.opens(counts)
    await second.fast._events.next()
    await first.fast._events.next()
    first.holds()
    await first.takes(arrival("b", text="two"))
    await second.takes(arrival("c", text="three"))
    await owner.is_told([(await Contact.get()).id])
    assert await answers() == ["one 1", "two 2", "three 3"]
    await first.closes()


async def test_what_may_have_killed_somebody_goes_the_plain_way(replicas: tuple[Replica, Replica]) -> None:
    owner, other = replicas
    await other.takes(arrival("b", text="two"))
    await InboxEvent.filter(external_id="b").update(tries=1)
    held = await InboxEvent.get(external_id="b")
    assert not owner.fast.takes_up(held, [("wa_id", "maria")])
    await owner.is_told([held.contact_id or 0])
    assert (await InboxEvent.get(external_id="b")).state is InboxState.DONE


async def test_a_conversation_that_was_moved_meanwhile_is_handled_anew(database: str, tmp_path: Path) -> None:
    moved: list[str] = []

    async def is_moved_once(message: Message, state: FSMContext) -> None:
        if message.text == "two" and not moved:
            moved.append("two")
            await Conversation.all().update(turn=F("turn") + 1)
        await counts(message, state)

    replica = Replica(tmp_path / "one")
    await replica.opens(is_moved_once)
    await replica.takes(arrival("a", text="one"))
    await replica.settles()
    replica.holds()
    await replica.takes(arrival("b", text="two"))
    replica.holds(*range(60))
    await replica.is_told([(await Contact.get()).id])
    assert (await InboxEvent.get(external_id="b")).state is InboxState.DONE
    assert await OutboxMessage.all().count() == 2
    await replica.closes()


async def test_a_stranger_is_met_by_whoever_they_write_to(replicas: tuple[Replica, Replica]) -> None:
    owner, other = replicas
    owner.holds(7, 23)
    for name in ("ani", "yos", "eva"):
        assert await owner.takes(arrival(f"of {name}", name, text="halo"))
    await owner.settles()
    strangers = [contact for contact in await Contact.all() if contact.name != "Maria"]
    assert {partition_of(contact.id) for contact in strangers} <= {7, 23}
    assert len(strangers) == len(owner.channel.session.said) - 1 == 3

    assert not await other.takes(arrival("of ina", "ina", text="halo"))  # it holds nothing: the plain way
    assert [event.external_id for event in other.told] == ["of ina"]
