"""A citizen's request: what has to be filled in, who may see it, and how it is left."""

import pytest

from models.requests import OutputState, Request, RequestOutput, RequestState
from office import papers, queue, requests
from office.identity import Nik
from office.names import NameUnreadable, read_name, same_name, short_name
from office.number import RequestNumberUnreadable
from office.requests import (
    CannotBeCancelled,
    NameMissing,
    NikMissing,
    NotADraft,
    NotYetAnswered,
    PrivacyNotAccepted,
    RequestNotFound,
    StillMissing,
    SubjectMissing,
    VillageMissing,
)
from office.villages import village
from tests.office.world import METINA, NOW, World, act


async def test_nothing_is_handed_in_half(world: World) -> None:
    citizen = await world.citizen()
    service = world.service()
    request = await act(lambda: requests.start(service, citizen, "telegram", "bot", NOW))

    async def refused() -> type[NotYetAnswered]:
        with pytest.raises(NotYetAnswered) as refusal:
            await act(lambda: requests.submit(request, NOW, nik_required=True))
        return type(refusal.value)

    assert await refused() is PrivacyNotAccepted
    await act(lambda: requests.accept_privacy(request, NOW))
    assert await refused() is SubjectMissing
    await act(lambda: requests.set_for(request, for_self=False, relation="anak"))
    assert await refused() is NameMissing
    await act(lambda: requests.set_name(request, "Ma’ruf"))
    assert await refused() is NikMissing
    await act(lambda: requests.set_nik(request, Nik.parse("5314036501900001"), "chat"))
    assert await refused() is VillageMissing
    await act(lambda: requests.set_village(request, village(METINA)))
    assert await refused() is StillMissing
    await world.with_papers(request)
    submitted = await act(lambda: requests.submit(request, NOW, nik_required=True))
    assert (submitted.state, submitted.queue_number, submitted.submitted_at) == (
        RequestState.SUBMITTED,
        1,
        NOW,
    )
    assert (submitted.subject_name, submitted.nik_source, submitted.nik_flags) == ("Ma’ruf", "chat", "")
    outputs = await RequestOutput.filter(request_id=request.id)
    assert [(output.key, output.state) for output in outputs] == [("ktp", OutputState.PENDING)]


async def test_a_baby_needs_no_nik(world: World) -> None:
    request = await world.with_papers(await world.draft("AKTA_LAHIR"))
    submitted = await act(lambda: requests.submit(request, NOW, nik_required=True))
    assert submitted.nik is None and submitted.state is RequestState.SUBMITTED


async def test_an_unusual_nik_is_kept_with_what_is_unusual(world: World) -> None:
    request = await world.draft()
    kept = await act(lambda: requests.set_nik(request, Nik.parse("9999999901900000"), "operator"))
    assert kept.nik_flags.split(",") == [
        "kecamatan_tidak_dikenal", "tanggal_tidak_mungkin", "nomor_urut_0000"
    ]  # fmt: skip


async def test_someone_elses_number_is_answered_like_one_that_does_not_exist(world: World) -> None:
    maria, jefri = await world.citizen("Maria"), await world.citizen("Jefri")
    request = await world.submitted(citizen=maria)
    typed = requests.printed(request).lower().replace("-", " ")
    assert (await requests.find(typed, maria)).id == request.id

    answers = []
    for number in (typed, "0000-0000-0"):
        with pytest.raises(RequestNotFound) as refusal:
            await requests.find(number, jefri)
        answers.append((refusal.value.code, refusal.value.facts))
    assert answers[0] == answers[1]
    with pytest.raises(RequestNumberUnreadable):
        await requests.find("K7Q2", jefri)


async def test_a_draft_is_left_and_taken_up_again(world: World) -> None:
    maria = await world.citizen()
    request = await world.draft(citizen=maria)
    resumed = await requests.draft_of(maria)
    assert resumed is not None and resumed.id == request.id
    assert await requests.of_contact(maria) == []
    await act(lambda: requests.drop_draft(request, maria, NOW))
    assert await requests.draft_of(maria) is None
    with pytest.raises(NotADraft):
        await act(lambda: requests.set_name(request, "Maria"))
    with pytest.raises(NotADraft):
        await act(lambda: requests.submit(request, NOW))


async def test_nobody_cancels_what_is_not_theirs_or_has_gone_too_far(world: World) -> None:
    maria, jefri, yanti = await world.citizen(), await world.citizen(), await world.operator()
    request = await world.submitted(citizen=maria)
    with pytest.raises(RequestNotFound):
        await act(lambda: requests.cancel(request, jefri, NOW))
    done = await act(lambda: requests.cancel(request, maria, NOW))
    assert done.state is RequestState.CANCELLED and done.closed_at == NOW

    further = await world.put_in(await world.submitted(citizen=maria), RequestState.IN_PROCESS, yanti)
    with pytest.raises(CannotBeCancelled):
        await act(lambda: requests.cancel(further, maria, NOW))


async def test_the_same_request_is_seen_whatever_the_spelling(world: World) -> None:
    maria = await world.citizen()
    service = world.service()
    request = await world.submitted(citizen=maria)
    assert await requests.same_open(maria, world.service("KK_BARU"), "Maria Tungga") is None
    assert await requests.same_open(maria, service, "Jefri Tungga") is None
    found = await requests.same_open(maria, service, "MARIA  TUNGGA.")
    assert found is not None and found.id == request.id
    await act(lambda: requests.cancel(request, maria, NOW))
    assert await requests.same_open(maria, service, "Maria Tungga") is None


async def test_a_status_says_what_matters_to_the_citizen(world: World) -> None:
    yanti = await world.operator()
    request = await world.put_in(await world.submitted(), RequestState.AWAITING_SIGNATURE, yanti)
    assert await requests.status_line(request) == "menunggu TTE"
    await RequestOutput.filter(request_id=request.id).update(state=OutputState.READY_FOR_PICKUP)
    assert await requests.status_line(request) == "siap diambil"
    assert await requests.status_line(request, "en") == "ready to collect"


async def test_a_paper_after_handing_in_is_kept_and_replaces_nothing(world: World) -> None:
    request = await world.submitted()
    scan = await world.scan()
    taken = await act(lambda: papers.take(request, [(scan, "kk")], NOW))
    assert taken.placed == ((None, scan),)
    there = await papers.checklist(await Request.get(id=request.id))
    assert (there.received, there.total, there.extra) == (2, 2, 1)
    assert len(await queue.page(9)) == 1


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Maria   Tungga ", "Maria Tungga"),
        ("SULASTRI", "SULASTRI"),
        ("Ma'ruf d’Almeida", "Ma'ruf d’Almeida"),
        ("drg. José Fanggidae, S.Pd.", "drg. José Fanggidae, S.Pd."),
        ("Jose\u0301", "José"),
        ("\u202eMaria\u202c\u200b\x00", "Maria"),
        ("M" * 60, "M" * 60),
    ],
)
def test_a_name_stays_as_it_was_written(typed: str, read: str) -> None:
    assert read_name(typed) == read


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" .,- ", "empty"),
        ("\u202e", "empty"),
        ("Maria 2", "digits"),
        ("5314036501900001", "digits"),
        ("Мария", "letters"),
        ("Maria 😀", "letters"),
        ("<b>Maria</b>", "letters"),
        ("\ud83dMaria", "letters"),
        ("M" * 61, "long"),
    ],
)
def test_what_no_card_can_show_is_asked_again(typed: str, reason: str) -> None:
    with pytest.raises(NameUnreadable) as refusal:
        read_name(typed)
    assert refusal.value.facts["reason"] == reason


def test_names_are_shown_short_and_compared_loosely() -> None:
    assert [short_name(name) for name in ("Maria Tungga Lete", "Maria", "", None)] == [
        "Maria T.",
        "Maria",
        "–",
        "–",
    ]
    assert same_name("Ma'ruf  A.", "MARUF A") and not same_name("Maria", "Mario")
