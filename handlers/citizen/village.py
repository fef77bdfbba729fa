"""The village, by its name, with its kecamatan shown back."""

from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, go_on
from handlers.citizen.mid_form import unusable
from handlers.citizen.steps import Form, Step
from handlers.citizen.taps import MOST_ROWS, choices
from handlers.citizen.turn import Turn
from handlers.citizen.typed import ANSWERS, NO, YES, HasText, is_question, says
from models.requests import Request
from office import requests, villages
from office.context import office
from office.villages import Found, KecamatanTyped, Perhaps, Village, VillageUnknown
from office.words import language, plain, say

NONE_OF_THESE: Final = "none"
LONGEST_NAME: Final = 3  # words; more, when nothing is called so, is no village


async def type_village(message: Message, turn: Turn, request: Request) -> None:
    """A village's name: shown back to be confirmed; names alike and a kecamatan's villages as buttons."""
    shown = await turn.candidate()
    if says(turn.text, NO):
        await go_on(turn, request)
        return
    if shown is not None and says(turn.text, YES):
        await take(turn, request, villages.village(shown))
        return
    match villages.find(turn.text):
        case Found(village):
            await show(turn, request, say("citizen-village-check", **named(village)), (village,))
        case _ if is_question(turn.text) or says(turn.text, ANSWERS):
            await unusable(turn, request)
        case Perhaps((alone,)):
            await show(turn, request, say("citizen-village-perhaps-one", **named(alone)), (alone,))
        case Perhaps(near):
            await show(turn, request, say("citizen-village-perhaps"), near)
        case KecamatanTyped(kecamatan, inside):
            await explain_kecamatan(turn, request, kecamatan, inside)
        case _ if len(turn.text.split()) > LONGEST_NAME:
            await unusable(turn, request)
        case _:
            regency = office().office.regency.in_language(language())
            await go_on(turn, request, say("citizen-village-unknown", regency=regency))


async def show(turn: Turn, request: Request, text: str, near: Sequence[Village]) -> None:
    """These villages as buttons, and none of them; ``ya`` means a single one."""
    await turn.show_candidate(near[0].code if len(near) == 1 else None)
    right = plain("citizen-button-village-right")
    options = [(right if len(near) == 1 else _told_apart(one, near), one.code) for one in near]
    options.append((plain("citizen-button-village-none"), NONE_OF_THESE))
    await turn.answer(text, choices(request.id, Step.VILLAGE, options))


def _told_apart(one: Village, near: Sequence[Village]) -> str:
    """``Desa Oelua``; with its kecamatan where another is called the same."""
    alone = sum(other.title == one.title for other in near) == 1
    return one.title if alone else f"{one.name}, {one.kecamatan_name}"


async def explain_kecamatan(turn: Turn, request: Request, kecamatan: str, inside: Sequence[Village]) -> None:
    """A kecamatan was typed: which of its villages is it?"""
    if len(inside) < MOST_ROWS:
        await show(turn, request, say("citizen-village-kecamatan", kecamatan=kecamatan), inside)
        return
    names = ", ".join(one.name for one in inside)
    await turn.answer(say("citizen-village-kecamatan-names", kecamatan=kecamatan, names=names))


async def tap_village(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    if value == NONE_OF_THESE:
        await go_on(turn, request)
        return
    try:
        village = villages.village(value)
    except VillageUnknown:
        await go_on(turn, request, say("citizen-stale"))
        return
    await take(turn, request, village)


async def take(turn: Turn, request: Request, village: Village) -> None:
    filled = await requests.set_village(request, village)
    await answered(turn, filled, say("citizen-village-taken", **named(village)))


def named(village: Village) -> dict[str, str]:
    return {"village": village.title, "kecamatan": village.kecamatan_name}


def router() -> Router:
    here = Router(name="citizen.village")
    here.callback_query.register(tap_village, Answers(Step.VILLAGE))
    here.message.register(type_village, HasText(), InForm(Form.village))
    return here
