"""The NIK, where the channel lets us ask for it, or the page that does."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, go_on, stale, together
from handlers.citizen.mid_form import told_about, unusable
from handlers.citizen.steps import Form, Step
from handlers.citizen.taps import FormDone, choices
from handlers.citizen.turn import Turn
from handlers.citizen.typed import RIGHT, SKIP, HasText, says
from models.requests import Request, RequestState
from office import requests
from office.identity import Decision, Nik, NikUnreadable
from office.refusal_words import refusal_text
from office.words import plain, say

MEANT_AS_NIK: Final = 8  # digits: with fewer the text is no attempt at one


async def type_nik(message: Message, turn: Turn, request: Request) -> None:
    """A NIK where the chat may ask for one.

    Elsewhere the platform forbids us to ask, so a number typed all the same is not read as a NIK: it goes to
    a person like any words, and is not repeated.
    """
    if turn.identity != "chat" and says(turn.text, SKIP):
        await skip(turn, request)
        return
    if turn.identity != "chat":
        await unusable(turn, request)
        return
    try:
        nik = Nik.parse(turn.text)
    except NikUnreadable as unreadable:
        if sum(c.isdigit() for c in turn.text) < MEANT_AS_NIK:
            await unusable(turn, request)
        else:
            await go_on(turn, request, refusal_text(unreadable))
        return
    await take_nik(turn, request, nik)


async def take_nik(turn: Turn, request: Request, nik: Nik) -> None:
    """Kept at once, with what is unusual about it; asked about once more if anything is."""
    filled = await requests.set_nik(request, nik, "chat")
    await turn.enter(filled)
    if nik.verdict.decision is Decision.CONFIRM:
        await ask_if_right(turn, filled, nik)
    else:
        await answered(turn, filled)


async def ask_if_right(turn: Turn, request: Request, nik: Nik, *before: str) -> None:
    await turn.state.set_state(Form.nik_check)
    await turn.answer(
        together(*before, say("citizen-nik-check", last_four=nik.last_four)),
        choices(request.id, Step.NIK, [(plain("citizen-button-right"), "right")]),
    )


async def tap_nik(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    """``right``: the unusual NIK is theirs.  ``skip``: staff read it from a paper."""
    if value == "right" and request.nik is not None:
        await answered(turn, request)
    elif value == "skip":
        await skip(turn, request)
    else:
        await go_on(turn, request, say("citizen-stale"))


async def skip(turn: Turn, request: Request) -> None:
    await answered(turn, await requests.leave_nik_to_staff(request), say("citizen-nik-skipped"))


async def type_check(message: Message, turn: Turn, request: Request) -> None:
    """``BENAR``, or the NIK once more."""
    if says(turn.text, RIGHT):
        await answered(turn, request)
        return
    try:
        nik = Nik.parse(turn.text)
    except NikUnreadable as unreadable:
        meant = sum(c.isdigit() for c in turn.text) >= MEANT_AS_NIK
        told = refusal_text(unreadable) if meant else await told_about(turn, request)
        await ask_if_right(turn, request, Nik(request.nik or ""), told)
        return
    await take_nik(turn, request, nik)


async def page_done(callback: CallbackQuery, callback_data: FormDone, turn: Turn) -> None:
    """The one-time page was filled in: the conversation goes on by itself."""
    request = await Request.get_or_none(
        id=callback_data.request, contact_id=turn.contact.id, state=RequestState.DRAFT
    )
    if request is None or request.nik is None:
        await stale(turn, callback_data.request)
        return
    await answered(turn, request, say("citizen-nik-received"))


def router() -> Router:
    here = Router(name="citizen.identity")
    here.callback_query.register(page_done, FormDone.filter())
    here.callback_query.register(tap_nik, Answers(Step.NIK, Form.nik_check))
    here.message.register(type_nik, HasText(), InForm(Form.nik))
    here.message.register(type_check, HasText(), InForm(Form.nik_check))
    return here
