"""Nobody signs off what they have worked on themselves, nor works on what is their own."""

import pytest

from models.audit import AuditRow
from models.requests import Request, RequestState
from models.staff import Role
from office import desk, nik_shown, queue, requests, staff
from office.identity import Nik
from office.permissions import OwnMatter, SecondPersonNeeded
from office.queue import NothingWaiting
from tests.office.world import NOW, World, act, queue_number


@pytest.fixture
def world(counter: object) -> World:
    return World()


async def audited(action: str) -> list[tuple[str, str, str]]:
    rows = await AuditRow.filter(action=action).order_by("seq")
    return [(row.actor, row.object, row.reason) for row in rows]


async def test_who_worked_on_it_needs_a_second_person(world: World) -> None:
    yanti, vero = await world.operator("Yanti"), await world.operator("Vero", Role.VERIFIER)
    number = await world.complete(yanti)
    await act(lambda: desk.process(number, yanti, NOW))
    with pytest.raises(SecondPersonNeeded):
        await act(lambda: desk.ready(number, yanti, NOW))
    signed = await act(lambda: desk.ready(number, vero, NOW))
    assert (signed.state, signed.owner_id) == (RequestState.IN_PROCESS, yanti.id)
    assert await audited("ready") == [(f"staff:{vero.id}", f"request:{signed.id}", "in_process")]
    assert await audited("signed_alone") == []


async def test_giving_it_back_does_not_make_a_second_person(world: World) -> None:
    head, other = await world.operator("Kepala", Role.HEAD), await world.operator("Penyelia", Role.SUPERVISOR)
    number = await world.complete(head)
    request = await queue.get(number)
    await act(lambda: queue.release(request, head, NOW))
    await act(lambda: queue.take(other, number, NOW))
    for who in (head, other):
        with pytest.raises(SecondPersonNeeded):
            await act(lambda who=who: desk.ready(number, who, NOW))  # type: ignore[misc]


async def test_one_person_alone_signs_off_and_the_audit_says_so(world: World) -> None:
    yanti = await world.operator("Yanti")
    await world.operator("Admin", Role.ADMIN)
    await world.operator("Ferdi")  # another operator is no second person
    number = await world.complete(yanti)
    signed = await act(lambda: desk.ready(number, yanti, NOW))
    assert await audited("signed_alone") == [(f"staff:{yanti.id}", f"request:{signed.id}", "")]


async def test_once_the_verifier_has_left_the_desk_goes_on(world: World) -> None:
    yanti, _ = await world.operator("Yanti"), await world.operator("Vero", Role.VERIFIER)
    number = await world.complete(yanti)
    await act(lambda: staff.remove("Vero", NOW))
    await act(lambda: desk.ready(number, yanti, NOW))
    assert len(await audited("signed_alone")) == 1


async def test_what_came_from_their_own_chat_is_nobodys_work_of_theirs(world: World) -> None:
    yanti = await world.operator("Yanti")
    chat = await world.bound(yanti)
    own = await world.submitted(citizen=chat)
    for deed in (
        lambda: queue.take(yanti, own.queue_number, NOW),
        lambda: desk.dossier(queue_number(own), yanti, NOW),
        lambda: desk.hand_over(requests.printed(own), yanti, NOW),
        lambda: desk.ready(queue_number(own), yanti, NOW),
    ):
        with pytest.raises(OwnMatter):
            await act(deed)  # type: ignore[arg-type]
    with pytest.raises(NothingWaiting):  # it is not chosen for them either
        await act(lambda: queue.take(yanti, None, NOW))
    other = await world.submitted()
    assert (await act(lambda: queue.take(yanti, None, NOW))).id == other.id


async def test_their_own_request_stays_on_hold_when_an_outage_is_over(world: World) -> None:
    yanti = await world.operator("Yanti")
    own = await world.submitted(citizen=await world.bound(yanti))
    number = await world.complete(yanti)
    await act(lambda: desk.hold(number, "siak", yanti, NOW))
    held = {"state": RequestState.ON_HOLD, "hold_reason": "siak", "before_hold": RequestState.IN_REVIEW}
    await Request.filter(id=own.id).update(**held)
    assert [one.queue_number for one in await act(lambda: desk.resume("siak", yanti, NOW))] == [number]


async def test_a_whole_nik_is_one_row_and_so_is_each_paper(world: World) -> None:
    yanti = await world.operator("Yanti")
    number = await world.complete(yanti)
    request = await queue.get(number)
    await act(lambda: desk.enter_nik(number, Nik.parse("5314036501900001"), yanti, NOW))
    for _ in range(2):
        await act(lambda: nik_shown.show_nik(number, yanti, NOW))
    me, about = f"staff:{yanti.id}", f"request:{request.id}"
    assert await audited("nik_shown") == [(me, about, "complete")] * 2
    assert await audited("dossier_opened") == []
    seen = await act(lambda: desk.dossier(number, yanti, NOW))
    assert await audited("dossier_opened") == [(me, about, "")]
    papers = [(me, f"file:{line.paper.scan_id}", about) for line in seen.papers]
    assert len(papers) == 2 and await audited("paper_opened") == papers


async def test_staff_and_their_chats_are_told_of(world: World) -> None:
    yanti = await world.operator("Yanti")
    me = f"staff:{yanti.id}"
    chat = await world.bound(yanti)
    await act(lambda: staff.unbind(chat, NOW))
    await act(lambda: staff.remove("Yanti", NOW))
    assert await audited("staff_added") == [("cli", me, "operator")]
    assert await audited("code_made") == [("cli", me, "")] * 2
    assert await audited("bind") == await audited("unbind") == [(me, f"contact:{chat.id}", "")]
    assert await audited("staff_removed") == [("cli", me, "")]
    roles = await AuditRow.filter(action="bind").values_list("role", flat=True)
    assert list(roles) == ["operator"]


async def test_every_decision_of_staff_is_told_of_and_no_word_of_theirs(world: World) -> None:
    yanti = await world.operator("Yanti")
    number = queue_number(await world.taken(yanti))
    await act(lambda: desk.reject(number, "Bukan milik pemohon.", yanti, NOW))
    rows = await AuditRow.all().order_by("seq").values_list("action", "reason")
    assert rows[-2:] == [("take", "in_review"), ("reject", "rejected")]
    assert "pemohon" not in str(rows)
