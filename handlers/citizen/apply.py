"""The first steps of the form: the privacy notice, for whom, and the name."""

from collections.abc import Mapping
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.choosing import start
from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, check, go_on, together
from handlers.citizen.menu_board import menu_keyboard, menu_text
from handlers.citizen.mid_form import unusable
from handlers.citizen.papers import take_held
from handlers.citizen.prompts import twin_of
from handlers.citizen.status import line
from handlers.citizen.steps import RELATIONS, Form, Step
from handlers.citizen.turn import Turn
from handlers.citizen.typed import NO_NAMES, YES, HasText, is_question, says
from models.requests import Request
from office import requests
from office.context import office
from office.names import NameUnreadable
from office.refusal_words import refusal_text
from office.typed import fold
from office.words import say

OWN: Final = ("saya", "saya sendiri", "sendiri", "diri sendiri", "untuk saya", "myself", "me")
FAMILY: Final = ("keluarga", "anggota keluarga", "orang lain", "family")
RELATION_WORDS: Final[Mapping[str, str]] = {
    # what people type besides the labels -> one of `RELATIONS`
    "suami": "suami/istri",
    "istri": "suami/istri",
    "isteri": "suami/istri",
    "anak": "anak",
    "orangtua": "orang tua",
    "ayah": "orang tua",
    "bapak": "orang tua",
    "ibu": "orang tua",
    "mama": "orang tua",
    "kakak": "saudara",
    "adik": "saudara",
    "saudari": "saudara",
    "lain": "lainnya",
    "husband": "suami/istri",
    "wife": "suami/istri",
    "child": "anak",
    "son": "anak",
    "daughter": "anak",
    "father": "orang tua",
    "mother": "orang tua",
    "parent": "orang tua",
    "brother": "saudara",
    "sister": "saudara",
    **{relation: relation for relation in RELATIONS},
}
AROUND: Final = frozenset({"untuk", "buat", "saya", "sa", "beta", "pung", "kami", "for", "my"})


# The privacy notice


async def tap_privacy(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    if value == "yes":
        await accept(turn, request)
    else:
        await decline(turn, request)


async def type_privacy(message: Message, turn: Turn, request: Request) -> None:
    """``LANJUT``; another service by its name is what was meant all along: nothing is filled in yet."""
    service = office().catalogue.find(turn.text)
    if says(turn.text, YES):
        await accept(turn, request)
    elif service is not None and service.code == request.service:
        await go_on(turn, request)
    elif service is not None:
        await requests.drop_draft(request, turn.contact, turn.now)
        await start(turn, service)
    else:
        await unusable(turn, request)


async def accept(turn: Turn, request: Request) -> None:
    accepted = await requests.accept_privacy(request, turn.now)
    await answered(turn, accepted, await take_held(turn, accepted))


async def decline(turn: Turn, request: Request) -> None:
    """Without consent nothing is kept open."""
    await turn.leave()
    await requests.drop_draft(request, turn.contact, turn.now)
    await turn.answer(together(say("citizen-privacy-declined"), menu_text(turn.now)), menu_keyboard())


# For whom


async def tap_whom(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    await choose_whom(turn, request, for_self=value == "self")


async def type_whom(message: Message, turn: Turn, request: Request) -> None:
    word, relation = fold(turn.text), relation_called(turn.text)
    if word in OWN:
        await choose_whom(turn, request, for_self=True)
    elif word in FAMILY:
        await choose_whom(turn, request, for_self=False)
    elif relation is not None:
        await choose_relation(turn, request, relation)
    else:
        await unusable(turn, request)


async def choose_whom(turn: Turn, request: Request, *, for_self: bool) -> None:
    await answered(turn, await requests.set_for(request, for_self))


async def tap_relation(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    if value in RELATIONS:
        await choose_relation(turn, request, value)
    else:
        await go_on(turn, request, say("citizen-stale"))


async def type_relation(message: Message, turn: Turn, request: Request) -> None:
    relation = relation_called(turn.text)
    if relation is None:
        await unusable(turn, request)
    else:
        await choose_relation(turn, request, relation)


def relation_called(typed: str) -> str | None:
    """One of `RELATIONS`: ``anak``, ``untuk anak saya``, ``my wife``."""
    return RELATION_WORDS.get(" ".join(word for word in fold(typed).split() if word not in AROUND))


async def choose_relation(turn: Turn, request: Request, relation: str) -> None:
    await answered(turn, await requests.set_for(request, for_self=False, relation=relation))


# The name


async def type_name(message: Message, turn: Turn, request: Request) -> None:
    """A name, unless it is plainly a question or an answer to another step."""
    if is_question(turn.text) or says(turn.text, NO_NAMES):
        await unusable(turn, request)
        return
    try:
        named = await requests.set_name(request, turn.text)
    except NameUnreadable as unreadable:
        await go_on(turn, request, refusal_text(unreadable))
        return
    if await twin_of(turn.contact, named) is None:
        await answered(turn, named)
    else:
        await check(turn, named, Step.SAME)


async def tap_same(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    """Go on with the request that is under way, or with this form all the same."""
    twin = await twin_of(turn.contact, request)
    if value == "another" or twin is None:
        await answered(turn, request)
        return
    await turn.leave()
    await requests.drop_draft(request, turn.contact, turn.now)
    await turn.answer(together(say("citizen-same-kept"), await line(twin)))


def router() -> Router:
    here = Router(name="citizen.apply")
    here.callback_query.register(tap_privacy, Answers(Step.PRIVACY))
    here.callback_query.register(tap_whom, Answers(Step.WHOM))
    here.callback_query.register(tap_relation, Answers(Step.RELATION))
    here.callback_query.register(tap_same, Answers(Step.SAME))
    here.message.register(type_privacy, HasText(), InForm(Form.privacy))
    here.message.register(type_whom, HasText(), InForm(Form.whom))
    here.message.register(type_relation, HasText(), InForm(Form.relation))
    here.message.register(type_name, HasText(), InForm(Form.name))
    return here
