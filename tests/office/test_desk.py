"""A request on its way through the desk, and what the citizen is told at each step."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from models.outbox import OutboxMessage
from models.requests import HoldReason, OutputState, Request, RequestOutput, RequestState
from office import desk, questions, queue, requests
from office.desk import AlreadyCollected, NotReadyToHandOver
from office.holds import HoldReasonUnknown, NoneOnHold, NotOnHold
from office.identity import Nik
from office.lifecycle import IllegalMove, OutputsOpen
from office.outputs import NothingDigital, NothingToCollect, OutputsAlreadyOut, OutputUnknown
from office.requests import RequestNotFound
from office.staff_words import ReasonNeeded
from tests.office.world import NOW, World, act, journal, notices_of, queue_number

LATER = NOW + timedelta(days=1)


async def told(request: Request) -> list[str]:
    return [message.name for message in await notices_of(request)]


async def test_a_card_goes_from_the_first_word_to_the_citizens_hand(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    number = await world.complete(yanti)
    await act(lambda: desk.process(number, yanti, NOW))
    await act(lambda: desk.to_signature(number, yanti, NOW))
    ready = await act(lambda: desk.ready(number, yanti, NOW))
    assert ready.state is RequestState.AWAITING_SIGNATURE and ready.complete_at == NOW

    handed = await act(
        lambda: desk.hand_over(requests.printed(ready), ferdi, LATER)
    )  # anybody at the counter
    assert (handed.state, handed.closed_at) == (RequestState.CLOSED, LATER)
    (output,) = await RequestOutput.filter(request_id=ready.id)
    assert (output.state, output.ready_at, output.ended_at) == (OutputState.COLLECTED, NOW, LATER)
    assert await told(ready) == ["complete", "ready_for_pickup", "collected"]
    assert [row[0] for row in await journal(ready)][-7:] == [
        "take", "complete", "process", "to_signature", "ready", "hand_over", "close"
    ]  # fmt: skip


async def test_ready_straight_from_complete_leaves_no_step_out_of_the_journal(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    request = await act(lambda: desk.ready(number, yanti, NOW))
    assert request.state is RequestState.IN_PROCESS
    assert (await journal(request))[-2:] == [
        ("process", "complete", "in_process"),
        ("ready", "in_process", "in_process"),
    ]


@pytest.mark.parametrize("deed", [desk.ready, desk.issued])
async def test_nothing_comes_out_before_the_papers_are_complete(
    world: World, deed: Callable[..., Awaitable[Request]]
) -> None:
    yanti = await world.operator()
    code = "KTP_HILANG" if deed is desk.ready else "KK_HILANG"
    number = queue_number(await world.taken(yanti, code))
    with pytest.raises(IllegalMove):
        await act(partial(deed, number, yanti, NOW))


async def test_each_command_knows_what_the_service_gives(world: World) -> None:
    yanti = await world.operator()
    card, paper = await world.complete(yanti, "KTP_HILANG"), await world.complete(yanti, "KK_HILANG")
    with pytest.raises(NothingDigital):
        await act(lambda: desk.issued(card, yanti, NOW))
    with pytest.raises(NothingToCollect):
        await act(lambda: desk.ready(paper, yanti, NOW))
    await act(lambda: desk.ready(card, yanti, NOW))
    with pytest.raises(OutputsAlreadyOut):
        await act(lambda: desk.ready(card, yanti, NOW))
    assert await told(await queue.get(card)) == ["complete", "ready_for_pickup"]


async def test_a_package_ends_output_by_output(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti, "AKTA_LAHIR")
    request = await act(lambda: desk.issued(number, yanti, NOW, "maria@example.com"))  # the akta
    assert [output.key for output in await desk.still_pending(request)] == ["kk", "kia"]
    assert request.state is RequestState.IN_PROCESS
    await act(lambda: desk.issued(number, yanti, NOW))  # the KK, which comes under a condition
    await act(lambda: desk.ready(number, yanti, NOW))  # the KIA
    with pytest.raises(OutputsOpen):  # it lies on the shelf
        await act(lambda: desk.finish(number, yanti, NOW))
    closed = await act(lambda: desk.hand_over(str(number), yanti, NOW))
    assert closed.state is RequestState.CLOSED
    facts = [json.loads(one.payload) for one in await notices_of(closed) if one.name == "issued_digital"]
    assert [(one["outputs"], one["target"]) for one in facts] == [
        (["akta"], "m•••@example.com"), (["kk"], None)
    ]  # fmt: skip


async def test_what_comes_only_under_a_condition_can_be_struck_off(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti, "UBAH_DATA")
    with pytest.raises(OutputsOpen):  # the KK comes in any case
        await act(lambda: desk.finish(number, yanti, NOW))
    issued = await act(lambda: desk.issued(number, yanti, NOW))
    assert issued.state is RequestState.IN_PROCESS
    finished = await act(lambda: desk.finish(number, yanti, NOW))
    assert finished.state is RequestState.CLOSED
    assert [output.key for output in await RequestOutput.filter(request_id=finished.id)] == ["kk"]


async def test_an_operator_may_name_the_outputs(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti, "AKTA_LAHIR")
    request = await act(lambda: desk.issued(number, yanti, NOW, None, ("akta", "kk")))
    assert [output.key for output in await desk.still_pending(request)] == ["kia"]
    with pytest.raises(OutputUnknown):
        await act(lambda: desk.ready(number, yanti, NOW, ("ktp",)))


async def test_an_output_without_a_pdf_is_told_in_its_own_words(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti, "KONSOLIDASI")
    closed = await act(lambda: desk.issued(number, yanti, NOW))
    assert closed.state is RequestState.CLOSED
    assert await told(closed) == ["complete", "issued_with_note"]


async def test_nothing_is_handed_over_twice_or_too_early(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    with pytest.raises(NotReadyToHandOver):
        await act(lambda: desk.hand_over(str(number), yanti, NOW))
    await act(lambda: desk.ready(number, yanti, NOW))
    await act(lambda: desk.hand_over(f"#{number}", yanti, NOW))
    with pytest.raises(AlreadyCollected) as refusal:
        await act(lambda: desk.hand_over(str(number), yanti, LATER))
    assert refusal.value.facts["at"] == NOW
    with pytest.raises(RequestNotFound):
        await act(lambda: desk.hand_over("0000-0000-0", yanti, NOW))


async def test_a_card_on_the_shelf_is_handed_over_in_an_outage_too(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    await act(lambda: desk.ready(number, yanti, NOW))
    await act(lambda: desk.hold(number, "siak", yanti, NOW))
    closed = await act(lambda: desk.hand_over(str(number), yanti, NOW))
    assert closed.state is RequestState.CLOSED
    assert [row[0] for row in await journal(closed)][-3:] == ["hand_over", "resume", "close"]


async def test_a_hold_says_why_and_an_outage_ends_for_everybody(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    one, other = await world.complete(yanti), await world.complete(ferdi)
    third = await world.complete(ferdi)
    await act(lambda: desk.hold(one, "SIAK", yanti, NOW))
    held = await act(lambda: desk.hold(other, HoldReason.SIAK, ferdi, NOW, "sejak kemarin"))
    assert (held.state, held.before_hold, held.hold_reason, held.reason) == (
        RequestState.ON_HOLD, RequestState.COMPLETE, HoldReason.SIAK, "sejak kemarin"
    )  # fmt: skip
    await act(lambda: desk.hold(third, "blangko", ferdi, NOW))

    back = await act(lambda: desk.resume("siak", yanti, NOW))
    assert [(request.queue_number, request.state) for request in back] == [
        (one, RequestState.COMPLETE), (other, RequestState.COMPLETE)
    ]  # fmt: skip
    assert (await queue.get(third)).state is RequestState.ON_HOLD
    assert await told(back[0]) == ["complete", "on_hold", "resumed"]
    with pytest.raises(NoneOnHold):
        await act(lambda: desk.resume("siak", yanti, NOW))
    with pytest.raises(NotOnHold):
        await act(lambda: desk.resume(one, yanti, NOW))
    with pytest.raises(HoldReasonUnknown):
        await act(lambda: desk.hold(one, "malas", yanti, NOW))
    with pytest.raises(ReasonNeeded):
        await act(lambda: desk.hold(one, "lain", yanti, NOW))


async def test_held_twice_it_is_told_twice(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    for _ in range(2):
        await act(lambda: desk.hold(number, "tte", yanti, NOW))
        await act(lambda: desk.resume(number, yanti, NOW))
    request = await queue.get(number)
    assert [one.key for one in await notices_of(request) if one.name == "on_hold"] == [
        f"request:{request.id}:on_hold:1", f"request:{request.id}:on_hold:2"
    ]  # fmt: skip


async def test_a_rejection_and_another_regency_end_it_with_a_reason(world: World) -> None:
    yanti = await world.operator()
    one, other = queue_number(await world.taken(yanti)), queue_number(await world.taken(yanti))
    rejected = await act(lambda: desk.reject(one, "Bukan milik\npemohon.", yanti, NOW))
    assert (rejected.state, rejected.reason) == (RequestState.REJECTED, "Bukan milik pemohon.")
    elsewhere = await act(lambda: desk.wrong_office(other, "Kota Kupang", yanti, NOW))
    assert elsewhere.state is RequestState.WRONG_OFFICE
    assert (await told(rejected), await told(elsewhere)) == (["rejected"], ["wrong_office"])
    with pytest.raises(IllegalMove):
        await act(lambda: desk.reject(one, "lagi", yanti, NOW))


async def test_a_refused_command_leaves_nothing_behind(world: World) -> None:
    yanti = await world.operator()
    number = queue_number(await world.taken(yanti))
    rows = await journal(await queue.get(number))
    with pytest.raises(IllegalMove):
        await act(lambda: desk.ready(number, yanti, NOW))
    assert await journal(await queue.get(number)) == rows
    assert await OutboxMessage.all().count() == 0


async def test_a_dossier_has_everything_and_masks_the_nik(world: World) -> None:
    yanti = await world.operator()
    citizen = await world.citizen()
    number = await world.complete(yanti, citizen=citizen)
    request = await queue.get(number)
    await act(lambda: desk.enter_nik(number, Nik.parse("5314036501900001"), yanti, NOW))
    await act(lambda: desk.note(number, "Sudah ditelepon.", yanti, NOW))
    await act(lambda: questions.ask(citizen, "whatsapp", "1234", "Kapan selesai?", NOW, request))

    seen = await desk.dossier(number, yanti, NOW)
    facts = {fact.key: fact.value for fact in seen.facts}
    assert facts == {
        "nik": "••••••••••••0001",
        "name": "Maria Tungga",
        "village": "Kelurahan Metina",
        "kecamatan": "Lobalain",
        "service": "KTP-el hilang",
        "number": requests.printed(request),
        "for": "diri sendiri",
    }
    assert seen.owner == yanti.name
    assert [(line.place, line.slot.key if line.slot else None) for line in seen.papers] == [
        (1, "surat_hilang"), (2, "kk")
    ]  # fmt: skip
    assert [(output.key, state) for output, state in seen.outputs] == [("ktp", OutputState.PENDING)]
    assert [(line.name, line.state) for line in seen.notices] == [("complete", "antre")]
    assert [note.text for note in seen.notes] == ["Sudah ditelepon."]
    assert [question.text for question in seen.questions] == ["Kapan selesai?"]
    assert seen.journal[-1].action == "note"
