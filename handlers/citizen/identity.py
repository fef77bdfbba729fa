"""The NIK, where the channel lets us ask for it, or the page that does."""

from typing import Final

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, check, go_on, stale
from handlers.citizen.mid_form import unusable
from handlers.citizen.steps import Form, Step
from handlers.citizen.taps import FormDone
from handlers.citizen.turn import Turn
from handlers.citizen.typed import RIGHT, SKIP, HasText, says
from models.requests import Request, RequestState
from office import requests
from office.identity import Decision, Nik, NikUnreadable
from office.refusal_words import refusal_text
from office.words import say

MEANT_AS_NIK: Final = 8  # digits: with fewer the text is no attempt at one


async def type_nik(message: Message, turn: Turn, request: Request) -> None:
    """A NIK where the chat may ask for one.

    Elsewhere the platform forbids us to ask, so a number typed all the same is not read as a NIK: it goes to
    a person like any words, and is not repeated.
    """
    if says(turn.text, SKIP):
        await skip(turn, request)
        return
    if turn.identity != "chat":
        await unusable(turn, request)
        return
    try:
        nik = Nik.parse(turn.text)
    except NikUnreadable as unreadable:
        await ask_again(turn, request, unreadable)
        return
    await take_nik(turn, request, nik)


async def ask_again(turn: Turn, request: Request, unreadable: NikUnreadable) -> None:
    """What was typed is a NIK with a mistake in it, or no attempt at one: then a person reads it."""
    if sum(c.isdigit() for c in turn.text) < MEANT_AS_NIK:
        await unusable(turn, request)
    else:
        await go_on(turn, request, " ".join((refusal_text(unreadable), say("citizen-nik-not-known"))))


async def take_nik(turn: Turn, request: Request, nik: Nik) -> None:
    """Kept at once, with what is unusual about it; asked about once more if anything is."""
    filled = await requests.set_nik(request, nik, "chat")
    if nik.verdict.decision is Decision.CONFIRM:
        await check(turn, filled, Step.NIK_CHECK)
    else:
        await answered(turn, filled)


async def tap_nik(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    """``skip``: staff read it from a paper."""
    if value == "skip":
        await skip(turn, request)
    else:
        await go_on(turn, request, say("citizen-stale"))


async def tap_check(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    """The unusual NIK is theirs."""
    await answered(turn, request)


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
        await ask_again(turn, request, unreadable)
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
    here.callback_query.register(page_done, FormDone.filter(F.what == "done"))
    here.callback_query.register(tap_nik, Answers(Step.NIK))
    here.callback_query.register(tap_check, Answers(Step.NIK_CHECK))
    here.message.register(type_nik, HasText(), InForm(Form.nik))
    here.message.register(type_check, HasText(), InForm(Form.nik_check))
    return here
