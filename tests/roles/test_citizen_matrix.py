"""What a citizen does to a request by a button or a number: their own, another's, and one that never was.

Another's and none are answered by the same words, by the same statements, and change nothing.
"""

from collections.abc import Callable, Sequence

import pytest

from handlers.citizen import taps
from handlers.citizen.steps import Step
from handlers.citizen.taps import (
    DraftDeed,
    DraftTap,
    FormDone,
    LinkDeed,
    LinkTap,
    PaperSent,
    PaperTap,
    StepTap,
)
from models.requests import JournalEntry, Request, RequestState
from office.number import RequestNumber
from tests.handlers.citizens import Citizen, a_citizen
from tests.handlers.counter import Counter
from tests.offices.statements import watched

NEVER = 999_999
VALUES = {Step.WHOM: "self", Step.PRIVACY: "yes", Step.PAPERS: "done", Step.CONFIRM: "send"}
ABOUT_A_REQUEST: Sequence[Callable[[int], str]] = (
    *(lambda id_, deed=deed: DraftTap(request=id_, deed=deed).pack() for deed in DraftDeed),
    *(
        lambda id_, step=step: StepTap(request=id_, step=step, value=VALUES.get(step, "x")).pack()
        for step in Step
    ),
    lambda id_: PaperTap(request=id_).pack(),
    *(lambda id_, what=what: FormDone(what=what, request=id_).pack() for what in ("done", "papers")),
    lambda id_: PaperSent(request=id_, slot="kk").pack(),
    *(lambda id_, deed=deed: LinkTap(code=id_, deed=deed).pack() for deed in LinkDeed),
)
WITHOUT_ONE = {taps.MenuTap, taps.GroupTap, taps.ServiceTap, taps.AfreshTap, taps.DataTap}


def test_no_button_is_missing_from_the_matrix() -> None:
    known = {StepTap, DraftTap, PaperTap, PaperSent, LinkTap, FormDone} | WITHOUT_ONE
    there = {
        kind
        for kind in vars(taps).values()
        if isinstance(kind, type) and issubclass(kind, taps.CallbackData) and kind is not taps.CallbackData
    }
    assert there == known


async def in_the_middle_of_a_form(citizen: Citizen) -> Request:
    await citizen.says("halo", "ktp hilang", "lanjut")
    return await Request.get(contact_id=citizen.contact.id)


async def rows_of_requests() -> list[tuple[object, ...]]:
    return [tuple(one) for one in await Request.all().order_by("id").values_list()] + [
        tuple(one) for one in await JournalEntry.all().order_by("id").values_list()
    ]


@pytest.mark.parametrize("amid_a_form", [False, True])
async def test_another_persons_request_is_as_one_that_never_was(counter: Counter, amid_a_form: bool) -> None:
    maria, stranger = await a_citizen(), await a_citizen()
    theirs = await in_the_middle_of_a_form(maria)
    await stranger.says("halo")
    if amid_a_form:
        await in_the_middle_of_a_form(stranger)
    before = await rows_of_requests()
    for pack in ABOUT_A_REQUEST:
        heard, asked = [], []
        for id_ in (theirs.id, NEVER):
            with watched() as told:
                heard.append(await stranger.taps_old(pack(id_)))
            asked.append(told)
        assert heard[0] == heard[1], pack(NEVER)
        assert asked[0] == asked[1], pack(NEVER)
    assert await rows_of_requests() == before


async def test_their_own_is_another_matter(counter: Counter) -> None:
    maria = await a_citizen()
    draft = await in_the_middle_of_a_form(maria)
    told = {}
    for name, data in (
        ("own", StepTap(request=draft.id, step=Step.WHOM, value="self").pack()),
        ("never", StepTap(request=NEVER, step=Step.WHOM, value="self").pack()),
    ):
        told[name] = await maria.taps_old(data)
    assert told["own"] != told["never"]
    assert (await Request.get(id=draft.id)).for_self is True
    await maria.taps_old(DraftTap(request=draft.id, deed=DraftDeed.DROP).pack())
    assert (await Request.get(id=draft.id)).state is RequestState.CANCELLED


async def test_a_number_of_another_costs_the_same_statements_as_an_unknown_one(counter: Counter) -> None:
    theirs = RequestNumber((await counter.request()).number)
    stranger = await a_citizen()
    never = RequestNumber.new()
    heard, asked = [], []
    for number in (theirs, never):
        with watched() as told:
            heard.append(await stranger.says(str(number)))
        asked.append(told)
    assert heard[0] == heard[1]
    assert "tidak ditemukan" in heard[0]
    assert asked[0] == asked[1] and any("counters" in statement for statement in asked[0])


async def test_a_number_of_their_own_is_found(counter: Counter) -> None:
    maria = await counter.person()
    number = RequestNumber((await counter.request(maria)).number)
    chat = await a_citizen()
    chat.contact = maria.contact
    assert str(number) in await chat.says(str(number))
