"""The queue: who comes first, and that a request gets one owner and one number."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from models.counters import Counter
from models.requests import Request, RequestState
from models.staff import Role, Staff
from office import desk, papers, queue, requests, staff
from office.ownership import NoSuchQueueNumber, NotTaken, NotYours
from office.permissions import NotAllowed
from office.queue import NothingWaiting, TakenBy, Wanted
from office.requests import AlreadySubmitted
from tests.office.world import NOW, World, act, journal, queue_number

MANY = 20


async def test_of_twenty_hands_one_gets_the_request(world: World) -> None:
    number = queue_number(await world.submitted())
    hands = [await world.operator(f"Petugas {place}") for place in range(MANY)]

    outcomes = await asyncio.gather(
        *(act(partial(queue.take, hand, number, NOW)) for hand in hands), return_exceptions=True
    )

    winners = [hand for hand, outcome in zip(hands, outcomes, strict=True) if isinstance(outcome, Request)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, TakenBy)]
    assert (len(winners), len(losers)) == (1, MANY - 1)
    assert {loser.facts["name"] for loser in losers} == {winners[0].name}
    request = await queue.get(number)
    assert request.owner_id == winners[0].id
    assert [row for row in await journal(request) if row[0] == "take"] == [("take", "submitted", "in_review")]


async def test_twenty_hands_for_the_oldest_get_one_each(world: World) -> None:
    for minute in range(5):
        await world.submitted(at=NOW + timedelta(minutes=minute))
    hands = [await world.operator(f"Petugas {place}") for place in range(MANY)]

    outcomes = await asyncio.gather(
        *(act(partial(queue.take, hand, None, NOW)) for hand in hands), return_exceptions=True
    )

    taken = [outcome.id for outcome in outcomes if isinstance(outcome, Request)]
    assert len(taken) == len(set(taken)) == 5
    assert sum(isinstance(outcome, NothingWaiting) for outcome in outcomes) == MANY - 5


async def test_handed_in_twice_at_once_it_gets_one_number(world: World) -> None:
    draft = await world.with_papers(await world.draft())

    outcomes = await asyncio.gather(
        *(act(partial(requests.submit, draft, NOW)) for _ in range(5)), return_exceptions=True
    )

    submitted = [outcome for outcome in outcomes if isinstance(outcome, Request)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, AlreadySubmitted)]
    assert (len(submitted), len(refused)) == (1, 4)
    assert refused[0].facts["number"] == requests.printed(draft)
    assert (await Counter.get(name="queue")).value == submitted[0].queue_number == 1
    submits = [row for row in await journal(draft) if row[0] == "submit"]
    assert submits == [("submit", "draft", "submitted")]


async def test_numbers_count_up_without_a_gap_or_a_double(world: World) -> None:
    drafts = [await world.with_papers(await world.draft()) for _ in range(8)]
    await asyncio.gather(*(act(partial(requests.submit, draft, NOW)) for draft in drafts))
    numbers = [queue_number(await Request.get(id=draft.id)) for draft in drafts]
    assert sorted(numbers) == list(range(1, 9))


async def test_the_oldest_comes_first_and_writing_again_moves_nobody(world: World) -> None:
    first = await world.submitted(at=NOW)
    second = await world.submitted(at=NOW + timedelta(minutes=5))
    scan = await world.scan()
    await act(lambda: papers.take(first, [(scan, None)], NOW + timedelta(hours=1)))  # the first writes again

    assert [line.queue_number for line in await queue.page(9)] == [first.queue_number, second.queue_number]
    yanti = await world.operator()
    assert (await act(lambda: queue.take(yanti, None, NOW))).id == first.id


async def test_a_request_given_back_keeps_its_place(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    first, _ = await world.submitted(at=NOW), await world.submitted(at=NOW + timedelta(minutes=5))
    taken = await act(lambda: queue.take(yanti, None, NOW))
    await act(lambda: queue.release(taken, yanti, NOW))
    again = await act(lambda: queue.take(ferdi, None, NOW))
    assert (again.id, again.state) == (first.id, RequestState.IN_REVIEW)


async def test_only_the_owner_acts(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    number = queue_number(await world.submitted())
    with pytest.raises(NotTaken):
        await act(lambda: desk.complete(number, yanti, NOW))
    await act(lambda: queue.take(yanti, number, NOW))
    for deed in (desk.complete, desk.process, desk.to_signature, desk.ready, desk.issued, desk.finish):
        with pytest.raises(NotYours) as refusal:
            await act(partial(deed, number, ferdi, NOW))
        assert refusal.value.facts["owner"] == "Yanti"
    for worded in (desk.reject, desk.wrong_office, desk.write_to_citizen, desk.note):
        with pytest.raises(NotYours):
            await act(partial(worded, number, "apa saja", ferdi, NOW))
    assert (await queue.get(number)).state is RequestState.IN_REVIEW
    with pytest.raises(NoSuchQueueNumber):
        await act(lambda: desk.complete(99, yanti, NOW))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.VILLAGE_HEAD])
async def test_some_roles_take_nothing(world: World, role: Role) -> None:
    number = queue_number(await world.submitted())
    person = await world.operator("Orang", role)
    with pytest.raises(NotAllowed):
        await act(lambda: queue.take(person, number, NOW))


async def test_whoever_leaves_gives_everything_back(world: World) -> None:
    yanti = await world.operator("Yanti")
    chat = await world.bound(yanti)
    request = await world.taken(yanti)
    await act(lambda: staff.remove("yanti", NOW))
    assert await staff.of_contact(chat) is None
    assert (await Request.get(id=request.id)).owner_id is None
    gone = await Staff.get(id=yanti.id)
    with pytest.raises(NotAllowed):
        await act(lambda: queue.take(gone, request.queue_number, NOW))


async def test_the_list_is_narrowed_by_service_and_shows_no_whole_name(world: World) -> None:
    await world.submitted("KTP_HILANG")
    await world.submitted("AKTA_LAHIR")
    wanted = Wanted(services=frozenset({"AKTA_LAHIR", "KIA_BARU"}))
    (line,) = await queue.page(9, wanted=wanted)
    assert (line.service, line.name, line.owner) == ("AKTA_LAHIR", "Maria T.", None)
    assert line.village is not None and line.village.name == "Metina"
    assert line.age(NOW + timedelta(hours=3)) == timedelta(hours=3)
    assert await queue.summary() == {RequestState.SUBMITTED: 2}
    assert await queue.count(wanted) == 1


async def test_a_narrowed_list_goes_on_where_its_page_ended(world: World) -> None:
    for service in ("KTP_HILANG", "AKTA_LAHIR") * 3:
        await world.submitted(service)
    wanted = Wanted(frozenset({"KTP_HILANG"}), frozenset({(await queue.page(1))[0].village.code}))
    first = await queue.page(2, wanted=wanted)
    rest = await queue.page(2, first[-1], wanted)
    assert [line.queue_number for line in (*first, *rest)] == [1, 3, 5]
    assert await queue.page(2, wanted=Wanted(villages=frozenset({"53.14.01.2005"}))) == []
    assert await queue.count(Wanted(services=frozenset())) == 0


async def test_the_queue_is_read_page_by_page(world: World) -> None:
    handed_in = [(await world.submitted()).queue_number for _ in range(5)]  # in one second: the id decides
    first = await queue.page(2)
    second = await queue.page(2, first[-1])
    third = await queue.page(2, second[-1])
    assert [[line.queue_number for line in page] for page in (first, second, third)] == [
        handed_in[:2], handed_in[2:4], handed_in[4:],
    ]  # fmt: skip
    assert await queue.page(2, third[-1]) == []
