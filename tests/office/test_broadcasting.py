"""The clock hands a broadcast over piece by piece: to each person once, whoever dies or says no meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import joining
from bot.channels.sms.adapter import CAPS as SMS
from bot.channels.telegram.caps import CAPS as TELEGRAM
from models.broadcasts import Broadcast, BroadcastState
from models.contacts import Contact, Conversation
from models.database import close_database, open_database, transaction
from models.outbox import Freeze, OutboxMessage, OutboxState
from models.staff import Role, Staff
from office import broadcasts, consents, purge
from office.broadcast_reach import reach
from office.broadcast_rows import tally
from office.broadcasting import PIECE, SHARE, go_on
from office.genuine import REMEMBERED
from office.purge_kinds import EVERYTHING
from scheduler.clock import EVERY
from tests.forked import forked
from tests.office.hand_over import hand_over
from tests.office.world import NOW, World, act

LATER = NOW + timedelta(minutes=1)


async def who_agreed(world: World, how_many: int, channel: str = "telegram", **talk: Any) -> list[Contact]:
    """Each with one chat, of which more may be told."""
    people = [await world.citizen() for _ in range(how_many)]
    for person in people:
        spoken: dict[str, Any] = {"last_heard_at": NOW, **talk}
        await Conversation.create(
            office_id=world.office_id, contact_id=person.id, channel=channel, account="1", **spoken
        )
        await act(lambda person=person: consents.note(person, True, channel, "1", NOW))  # type: ignore[misc]
    return people


async def confirmed(world: World, now: datetime = NOW) -> tuple[Broadcast, Staff]:
    author, head = await world.operator("Ani"), await world.operator("Kepala", Role.HEAD)
    written = await act(lambda: broadcasts.draft("Kantor tutup besok.", author, now))
    await act(lambda: broadcasts.confirm(written.number, head, now))
    return await Broadcast.get(id=written.id), head


async def handed_to(**filters: object) -> list[int]:
    rows = await OutboxMessage.filter(name="broadcast", **filters).order_by("id")
    return [row.contact_id for row in rows]


async def goes(most: int = PIECE, now: datetime = NOW) -> int:
    return await act(lambda: go_on(now, most))


async def all_sent() -> None:
    await OutboxMessage.filter(name="broadcast", state=OutboxState.QUEUED).update(state=OutboxState.SENT)


async def test_killed_in_the_midst_of_a_piece_it_goes_on_with_nobody_twice_or_left_out(
    database_url: str,
) -> None:
    await open_database(database_url)
    people = [person.id for person in await who_agreed(World(), 7)]
    await confirmed(World())
    await close_database()

    assert await forked(hand_over, database_url, {"FAILPOINT": "notice.queued:5"}) == -signal.SIGKILL
    await open_database(database_url)
    assert await handed_to() == people[:3]
    await close_database()
    assert await forked(hand_over, database_url, {}) == 0
    await open_database(database_url)
    assert await handed_to() == people
    assert (await Broadcast.get()).handed_at == NOW
    await close_database()


async def test_a_piece_waits_until_less_than_a_piece_waits(world: World) -> None:
    people = [person.id for person in await who_agreed(world, 5)]
    await confirmed(world)
    assert [await goes(2), await goes(2)] == [2, 0]
    await all_sent()
    assert [await goes(2), await goes(2)] == [2, 0]
    await all_sent()
    assert [await goes(2), await goes(2)] == [1, 0]
    assert await handed_to() == people
    await all_sent()
    await goes(2)
    assert (await Broadcast.get()).state is BroadcastState.SENT


async def test_its_messages_are_due_one_after_the_other_on_each_channel(world: World) -> None:
    await who_agreed(world, 3)
    await who_agreed(world, 2, "sms")
    await confirmed(world)
    await act(lambda: go_on(NOW, paces={"telegram": TELEGRAM.per_second, "sms": SMS.per_second}))
    rows = await OutboxMessage.filter(name="broadcast").order_by("id")
    waits = [(row.channel, round((row.due_at - NOW).total_seconds(), 2)) for row in rows]
    assert waits == [("telegram", 0.0), ("telegram", 0.05), ("telegram", 0.1), ("sms", 0.0), ("sms", 2.86)]
    more = await who_agreed(world, 1, "sms")
    await Broadcast.all().update(handed_at=None)  # another piece
    await act(lambda: go_on(NOW, paces={"sms": SMS.per_second}))
    last = await OutboxMessage.get(name="broadcast", contact_id=more[0].id)
    assert round((last.due_at - NOW).total_seconds(), 2) == 5.71  # behind the two before
    assert PIECE / (SHARE * TELEGRAM.per_second) <= EVERY + 1  # a beat's piece is gone as the next one comes


async def test_each_in_the_chat_where_they_spoke_last_and_may_be_told(world: World) -> None:
    (person,) = await who_agreed(world, 1, "whatsapp", window_expires_at=NOW + timedelta(minutes=4))
    older = {"office_id": world.office_id, "contact_id": person.id, "account": "1"}
    for channel, hours in (("telegram", 2), ("webchat", 1)):
        heard = NOW - timedelta(hours=hours)
        await Conversation.create(channel=channel, last_heard_at=heard, **older)
    await Conversation.create(channel="sms", last_heard_at=NOW, reverify_since=NOW, **older)
    await who_agreed(world, 2, "whatsapp", window_expires_at=NOW - timedelta(minutes=1))
    await who_agreed(world, 1, unreachable_at=NOW)
    await who_agreed(world, 1, reverify_since=NOW)
    found = await reach(NOW)
    assert (found.within, found.beyond) == ({"webchat": 1}, {"whatsapp": 2, "telegram": 1})
    await confirmed(world)
    await goes()
    assert await OutboxMessage.filter(name="broadcast").values_list("contact_id", "channel") == [
        (person.id, "webchat")
    ]
    assert (await Broadcast.get()).out_of_reach == 3


async def test_two_chats_that_became_one_hear_it_once(world: World) -> None:
    first, second = (*await who_agreed(world, 1), *await who_agreed(world, 1, "sms"))
    await confirmed(world)
    await goes(1)
    await all_sent()
    await transaction(lambda: joining.join(first.id, second.id))
    await goes(1)
    await goes(1)
    assert await handed_to() == [second.id]


async def overtaken(world: World, act_now: Callable[[Contact], Awaitable[object]]) -> Sequence[OutboxMessage]:
    """Somebody acts while a piece with them is being handed over; what there is for them afterwards."""
    person, _ = await who_agreed(world, 2)
    await confirmed(world)
    handed, go = asyncio.Event(), asyncio.Event()

    async def a_piece() -> None:
        await go_on(NOW)
        handed.set()
        await go.wait()

    piece = asyncio.create_task(transaction(a_piece))
    await handed.wait()
    says = asyncio.create_task(transaction(lambda: act_now(person)))
    done, _ = await asyncio.wait({says}, timeout=0.3)
    go.set()
    await asyncio.gather(piece, says)
    assert not done  # it waited for the piece, and saw what was in it
    return await OutboxMessage.filter(name="broadcast", contact_id=person.id)


async def test_who_says_no_while_a_piece_is_handed_over_is_heard(world: World) -> None:
    (row,) = await overtaken(world, lambda person: consents.note(person, False, "telegram", "1", NOW))
    assert row.state is OutboxState.CANCELLED


async def test_who_stops_it_while_a_piece_is_handed_over_stops_the_piece(world: World) -> None:
    supervisor = await world.operator("Penyelia", Role.SUPERVISOR)
    (row,) = await overtaken(world, lambda _: broadcasts.cancel(1, supervisor, NOW))
    assert row.state is OutboxState.CANCELLED
    assert await goes() == 0


async def test_what_is_claimed_but_not_on_the_line_is_stopped_too(world: World) -> None:
    await who_agreed(world, 3)
    written, head = await confirmed(world)
    await goes()
    states = (OutboxState.SENDING, OutboxState.CLAIMED, OutboxState.QUEUED)
    for row, state in zip(await OutboxMessage.filter(name="broadcast").order_by("id"), states, strict=True):
        await OutboxMessage.filter(id=row.id).update(state=state, token="t", lease_until=LATER)
    left = await act(lambda: broadcasts.cancel(written.number, head, NOW))
    assert (left.waiting, left.cancelled) == (1, 2)


async def test_of_two_who_let_it_go_at_once_one_does(world: World) -> None:
    await who_agreed(world, 1)
    author = await world.operator("Ani")
    seconds = [await world.operator(f"Vero {n}", Role.VERIFIER) for n in range(4)]
    await act(lambda: broadcasts.draft("Kantor tutup besok.", author, NOW))
    told = await asyncio.gather(
        *(act(lambda who=who: broadcasts.confirm(1, who, NOW)) for who in seconds),  # type: ignore[misc]
        return_exceptions=True,
    )
    refused = [one for one in told if isinstance(one, broadcasts.BroadcastOver)]
    assert len(refused) == 3 and (await Broadcast.get()).state is BroadcastState.CONFIRMED


async def test_nobody_to_hear_it(world: World) -> None:
    with pytest.raises(broadcasts.NobodyWouldHear):
        await confirmed(world)
    assert (await Broadcast.get()).state is BroadcastState.DRAFT


async def test_a_copy_that_is_brought_back_does_not_go_on_with_it(world: World) -> None:
    await who_agreed(world, 4)
    await confirmed(world)
    await goes(2)
    await Freeze.create(taken_at=NOW, restored_at=LATER)
    await all_sent()
    assert await goes(2, LATER) == 0
    assert (await Broadcast.get()).state is BroadcastState.CANCELLED
    assert len(await handed_to()) == 2


async def test_who_stands_behind_it_is_told_once_when_it_ended(world: World) -> None:
    await who_agreed(world, 1)
    _, head = await confirmed(world)
    chat = await world.bound(head)
    for _ in range(3):
        await goes()
    assert await OutboxMessage.filter(name="staff_broadcast").count() == 0  # it waits still
    await all_sent()
    for _ in range(2):
        await goes()
    (told,) = await OutboxMessage.filter(name="staff_broadcast")
    assert told.contact_id == chat.id
    assert (await tally(await Broadcast.get())).sent == 1


async def test_its_words_go_when_its_code_is_forgotten(world: World) -> None:
    await who_agreed(world, 1)
    await confirmed(world)
    await goes()
    await all_sent()
    await goes()
    author = await world.operator("Budi")
    await act(lambda: broadcasts.draft("Draf yang lupa dikirim.", author, NOW))
    (kind,) = [one for one in EVERYTHING if one.name == "broadcasts"]
    assert await kind.find(NOW + timedelta(days=REMEMBERED), 9) == []
    late = NOW + timedelta(days=REMEMBERED, seconds=1)
    await act(lambda: purge.some(kind, late))
    assert [(one.text, one.state.value) for one in await Broadcast.all().order_by("id")] == [
        ("", "sent"),
        ("", "cancelled"),
    ]
    assert await kind.find(late, 9) == []
