"""Words for a person, and the one-time page."""

import asyncio
import json
from datetime import timedelta
from functools import partial

import pytest

from models.outbox import OutboxMessage
from models.requests import Request
from office import forms, questions, requests
from office.codes import hash_of
from office.forms import FormExpired, FormUsed, NikToConfirm
from office.identity import NikWrongLength
from office.notices import render
from office.questions import AlreadyAnswered, QuestionUnknown
from tests.office.world import NOW, World, act

NIK = "5314036501900001"


async def test_a_question_reaches_every_chat_of_the_desk_once(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    chats = [await world.bound(yanti), await world.bound(ferdi)]
    citizen = await world.citizen("Maria Tungga")
    question = await act(lambda: questions.ask(citizen, "whatsapp", "1", "Buka <b>jam</b>\x00 berapa?", NOW))
    told = await OutboxMessage.filter(name="staff_question").order_by("id")
    assert [message.contact_id for message in told] == [chat.id for chat in chats]
    assert question.number == 1 and [one.id for one in await questions.open_ones()] == [question.id]

    wording = await render("staff_question", json.loads(told[0].payload), "id")
    assert wording.template is None
    assert wording.text.startswith("<b>Pertanyaan T1</b> dari Maria T.:\nBuka &lt;b&gt;jam&lt;/b&gt;")


async def test_of_two_answers_the_first_is_sent(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    citizen = await world.citizen()
    await act(lambda: questions.ask(citizen, "whatsapp", "1", "Buka jam berapa?", NOW))
    outcomes = await asyncio.gather(
        *(act(partial(questions.answer, 1, "Pukul 08.00 WITA.", hand, NOW)) for hand in (yanti, ferdi)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyAnswered", "Question"]
    (sent,) = await OutboxMessage.filter(name="staff_words")
    assert (sent.contact_id, sent.channel, sent.account) == (citizen.id, "whatsapp", "1")
    assert "Pukul 08.00 WITA." in (await render("staff_words", json.loads(sent.payload), "id")).text
    assert await questions.open_ones() == []
    with pytest.raises(AlreadyAnswered):
        await act(lambda: questions.answer(1, "lagi", yanti, NOW))
    with pytest.raises(QuestionUnknown):
        await act(lambda: questions.answer(2, "lagi", yanti, NOW))


async def test_numbers_of_questions_count_up(world: World) -> None:
    citizen = await world.citizen()
    ask = partial(questions.ask, citizen, "webchat", "site", "Halo?", NOW)
    await asyncio.gather(*(act(ask) for _ in range(6)))
    assert [question.number for question in await questions.open_ones()] == list(range(1, 7))


async def test_a_page_takes_the_nik_once(world: World) -> None:
    request = await world.draft()
    token = await act(lambda: forms.open_form(request, NOW))
    assert forms.address_of(token) == f"https://loket.example/f/{token}" and len(token) >= 43
    assert (await forms.look(token, NOW)).request.id == request.id

    with pytest.raises(NikWrongLength):
        await act(lambda: forms.redeem(token, NIK[:15], NOW))
    outcomes = await asyncio.gather(
        *(act(partial(forms.redeem, token, NIK, NOW)) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FormUsed", "FormUsed", "Request"]
    here = await Request.get(id=request.id)
    assert (here.nik, here.nik_source) == (NIK, "form")
    with pytest.raises(FormUsed):
        await forms.look(token, NOW)


async def test_an_unusual_nik_wants_a_tick(world: World) -> None:
    request = await world.draft()
    token = await act(lambda: forms.open_form(request, NOW))
    with pytest.raises(NikToConfirm) as refusal:
        await act(lambda: forms.redeem(token, "9999036501900001", NOW))
    assert refusal.value.facts == {"last_four": "0001"}
    here = await act(lambda: forms.redeem(token, "9999036501900001", NOW, confirmed=True))
    assert here.nik_flags == "kecamatan_tidak_dikenal"


async def test_a_page_grows_old_and_a_newer_one_voids_it(world: World) -> None:
    request = await world.draft()
    old = await act(lambda: forms.open_form(request, NOW))
    new = await act(lambda: forms.open_form(request, NOW + timedelta(minutes=1)))
    for token, at in ((old, 1), (new, 31), ("x" * 43, 1), ("", 1), ("\ud800", 1)):
        with pytest.raises(FormExpired):
            await forms.look(token, NOW + timedelta(minutes=at))
    assert (await forms.look(new, NOW + timedelta(minutes=30))).request.id == request.id


async def test_the_page_of_a_request_that_is_over_is_closed(world: World) -> None:
    maria = await world.citizen()
    request = await world.draft(citizen=maria)
    token = await act(lambda: forms.open_form(request, NOW))
    await act(lambda: requests.drop_draft(request, maria, NOW))
    with pytest.raises(FormExpired):
        await forms.look(token, NOW)
    assert hash_of(token) != token
