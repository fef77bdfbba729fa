"""The state machine: every edge is legal, and every change has one row in the journal."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from models.contacts import Contact
from models.database import close_database, open_database
from models.requests import JournalEntry, OutputState, Request, RequestOutput, RequestState
from models.staff import Staff
from office import desk, papers, queue, reminders, requests
from office.lifecycle import (
    EDGES,
    ENDED,
    ChangedMeanwhile,
    IllegalMove,
    OutputsOpen,
    by_staff,
    move,
    note_change,
)
from office.refusal import Refusal
from office.requests import service_of
from tests.office.world import NOW, World, act, journal

S = RequestState
Work = Callable[[], Awaitable[object]]

SERVICES = ("KTP_HILANG", "AKTA_LAHIR", "UBAH_DATA", "KONSOLIDASI", "KK_UBAH")
FORWARD = (
    "send_papers",
    "submit",
    "take",
    "complete",
    "process",
    "to_signature",
    "ready",
    "issued",
    "hand_over",
)
DEEDS = (
    *FORWARD,
    *FORWARD,
    *("ask_again", "hold", "resume", "finish", "release", "process", "resume"),
    *("ask_again", "ask_again", "send_papers"),
    *("cancel", "reject", "wrong_office", "wrong_office", "a_month"),
)


@pytest.mark.parametrize("before", list(S))
async def test_a_request_moves_along_the_edges_and_nowhere_else(world: World, before: S) -> None:
    yanti = await world.operator()
    edges = EDGES[before] if before is not S.ON_HOLD else frozenset()
    stays = await world.put_in(await world.draft(), before, yanti)
    rows = len(await journal(stays))
    for to in set(S) - edges:
        with pytest.raises(IllegalMove):
            await act(partial(move, stays, to, actor=by_staff(yanti), action="try", now=NOW))
        assert (await Request.get(id=stays.id)).state is before
        assert len(await journal(stays)) == rows
    for to in edges:
        goes = await world.put_in(await world.draft(), before, yanti)
        moved = await act(partial(move, goes, to, actor=by_staff(yanti), action="try", now=NOW))
        assert moved.state is to
        assert (await journal(goes))[rows:] == [("try", before.value, to.value)]


async def test_a_hold_ends_where_it_began(world: World) -> None:
    yanti = await world.operator()
    request = await world.put_in(await world.draft(), S.COMPLETE, yanti)
    held = await act(
        lambda: move(request, S.ON_HOLD, actor="staff:1", action="hold", now=NOW, hold_reason="siak")
    )
    with pytest.raises(IllegalMove):
        await act(lambda: move(held, S.IN_PROCESS, actor="staff:1", action="resume", now=NOW))
    back = await act(lambda: move(held, S.COMPLETE, actor="staff:1", action="resume", now=NOW))
    assert back.state is S.COMPLETE
    assert (back.before_hold, back.hold_reason, back.reason) == (None, None, None)  # type: ignore[comparison-overlap]


async def test_a_stale_row_changes_nothing(world: World) -> None:
    yanti = await world.operator()
    stale = await world.put_in(await world.draft(), S.IN_REVIEW, yanti)
    await act(lambda: move(stale, S.COMPLETE, actor="staff:1", action="complete", now=NOW))
    with pytest.raises(ChangedMeanwhile):
        await act(lambda: move(stale, S.REJECTED, actor="staff:1", action="reject", now=NOW))
    assert (await Request.get(id=stale.id)).state is S.COMPLETE

    there = await Request.get(id=stale.id)
    await act(lambda: note_change(there, actor="staff:1", action="release", now=NOW, owner_id=None))
    with pytest.raises(ChangedMeanwhile):  # it is in no one's hands any more
        await act(lambda: note_change(there, actor="staff:1", action="write", now=NOW))


async def test_nothing_closes_while_an_output_is_open(world: World) -> None:
    yanti = await world.operator()
    request = await world.put_in(await world.submitted(), S.IN_PROCESS, yanti)
    with pytest.raises(OutputsOpen):
        await act(lambda: move(request, S.CLOSED, actor="staff:1", action="close", now=NOW))


class AnyLife(RuleBasedStateMachine):
    """One request, and everybody doing anything to it at any time."""

    runner: asyncio.Runner
    world: World
    travelled: set[tuple[S, S]]

    @initialize(service=st.sampled_from(SERVICES), far=st.integers(0, 6))
    def begin(self, service: str, far: int) -> None:
        """Some of the straight way, so that short lives are not all childhood."""

        async def begin() -> tuple[Contact, Request, Staff, Staff]:
            citizen = await self.world.citizen()
            request = await self.world.draft(service, citizen)
            return citizen, request, await self.world.operator("Yanti"), await self.world.operator("Ferdi")

        self.now = NOW
        self.citizen, self.request, *self.staff = self.runner.run(begin())
        for deed in ("send_papers", "submit", "take", "complete", "process", "to_signature")[:far]:
            self.do(deed, 0, 0)

    @rule(deed=st.sampled_from(DEEDS), who=st.sampled_from((0, 0, 0, 1)), which=st.integers(0, 5))
    def do(self, deed: str, who: int, which: int) -> None:
        """A refusal is an answer; it leaves no row and no other state."""
        before, here = self.runner.run(self._standing())
        try:
            self.runner.run(act(self._work(deed, here, self.staff[who], which)))
        except Refusal:
            assert self.runner.run(self._standing())[0] == before

    @rule(luck=st.integers(0, 2**32))
    def some_days(self, luck: int) -> None:
        """Hypothesis likes short and simple lives; these are busy ones."""
        chance = Random(luck)
        for _ in range(15):
            self.do(chance.choice(DEEDS), chance.choice((0, 0, 0, 1)), chance.randrange(6))

    @rule(days=st.sampled_from((0, 1, 4, 20)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.runner.run(act(lambda: reminders.expire_corrections(self.now)))
        self.runner.run(act(lambda: reminders.due(self.now)))

    async def _standing(self) -> tuple[tuple[object, ...], Request]:
        here = await Request.get(id=self.request.id)
        rows = await JournalEntry.filter(request_id=here.id).count()
        return (here.state, here.owner_id, here.before_hold, here.queue_number, rows), here

    def _work(self, deed: str, here: Request, staff: Staff, which: int) -> Work:
        number, now = here.queue_number or 0, self.now
        slots = service_of(here).papers
        table: dict[str, Work] = {
            "send_papers": partial(self._send, here),
            "submit": lambda: requests.submit(here, now),
            "cancel": lambda: requests.cancel(here, self.citizen, now),
            "take": lambda: queue.take(staff, number, now),
            "release": lambda: queue.release(here, staff, now),
            "ask_again": lambda: papers.ask_again(here, slots[which % len(slots)].key, "buram", staff, now),
            "complete": lambda: desk.complete(number, staff, now),
            "process": lambda: desk.process(number, staff, now),
            "to_signature": lambda: desk.to_signature(number, staff, now),
            "ready": lambda: desk.ready(number, staff, now),
            "issued": lambda: desk.issued(number, staff, now),
            "finish": lambda: desk.finish(number, staff, now),
            "hold": lambda: desk.hold(number, ("siak", "blangko", "lain")[which % 3], staff, now, "menunggu"),
            "resume": lambda: desk.resume(number, staff, now),
            "reject": lambda: desk.reject(number, "Bukan milik pemohon.", staff, now),
            "wrong_office": lambda: desk.wrong_office(number, "Kota Kupang", staff, now),
            "a_month": lambda: reminders.expire_corrections(now + timedelta(days=30)),
            "hand_over": lambda: desk.hand_over(str(number), staff, now),
        }
        return table[deed]

    async def _send(self, here: Request) -> None:
        wanted = await papers.checklist(here)
        slots = wanted.missing or [status.slot for status in wanted.asked]
        await papers.take(here, [(await self.world.scan(), slot.key) for slot in slots], self.now)

    @invariant()
    def the_journal_tells_every_change_once(self) -> None:
        if hasattr(self, "request"):
            self.runner.run(self._look())

    async def _look(self) -> None:
        here = await Request.get(id=self.request.id)
        told = await journal(here)
        assert all(left[2] == found[1] for left, found in pairwise(told))
        assert told[-1][2] == here.state.value
        edges = [(S(before), S(after)) for _, before, after in told if before and after and before != after]
        assert all(after in EDGES[before] for before, after in edges)
        assert all(onward[1] is held[0] for held, onward in pairwise(edges) if held[1] is S.ON_HOLD)
        assert (here.state is S.ON_HOLD) == (here.before_hold is not None)
        assert (here.state in ENDED) == (here.closed_at is not None)
        states = await RequestOutput.filter(request_id=here.id).values_list("state", flat=True)
        assert here.state is not S.CLOSED or set(states) <= {
            OutputState.COLLECTED,
            OutputState.ISSUED_DIGITAL,
        }
        self.travelled.update(edges)


@pytest.fixture
def runner(database_url: str) -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        runner.run(open_database(database_url))
        yield runner
        runner.run(close_database())


def test_no_life_of_a_request_takes_an_illegal_turn(runner: asyncio.Runner) -> None:
    travelled: set[tuple[S, S]] = set()
    machine = type("Life", (AnyLife,), {"runner": runner, "world": World(), "travelled": travelled})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    visited = {after for _, after in travelled}
    assert visited >= {S.NEEDS_CORRECTION, S.ON_HOLD, S.AWAITING_SIGNATURE, S.CLOSED}
    assert len(visited) >= 10  # of 12: the machine has been nearly everywhere
