"""The summary: hand it in, change something, or leave it for later."""

import re
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen import hours
from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, go_on, see_again, together
from handlers.citizen.leaving import leave
from handlers.citizen.mid_form import unusable
from handlers.citizen.steps import Form, Step
from handlers.citizen.turn import Turn
from handlers.citizen.typed import SEND, HasText, says
from models.requests import Request
from office import papers, requests, times
from office.catalogue import Delivery, Service
from office.permissions import Denied, note_denied_chat
from office.refusal_words import refusal_text
from office.requests import AlreadySubmitted, NotYetAnswered, service_of
from office.typed import fold
from office.village_rights import VILLAGER
from office.words import language, say

EDITS: Final = {"name": Step.NAME, "village": Step.VILLAGE, "nik": Step.NIK, "papers": Step.PAPERS}

_EDIT_WORDS: Final = re.compile(r"(?:ubah|ganti) (nama|desa|nik)|(tambah) berkas")
_WORD_FOR: Final = {"nama": Step.NAME, "desa": Step.VILLAGE, "nik": Step.NIK, "tambah": Step.PAPERS}


async def tap_confirm(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    if value == "send":
        await hand_in(turn, request)
    elif value == "cancel":
        await leave(turn)
    elif value in EDITS:
        await edit(turn, request, EDITS[value])
    else:
        await go_on(turn, request, say("citizen-stale"))


async def type_confirm(message: Message, turn: Turn, request: Request) -> None:
    wanted = _EDIT_WORDS.fullmatch(fold(turn.text))
    if says(turn.text, SEND):
        await hand_in(turn, request)
    elif wanted:
        await edit(turn, request, _WORD_FOR[wanted[1] or wanted[2]])
    else:
        await unusable(turn, request)


async def edit(turn: Turn, request: Request, step: Step) -> None:
    """See a step again; a NIK can be changed only where it is typed in the chat, a list's village never."""
    fixed_nik = turn.identity != "chat" or not service_of(request).needs_nik
    if (step is Step.NIK and fixed_nik) or (step is Step.VILLAGE and request.relation == VILLAGER):
        await go_on(turn, request)
    else:
        await see_again(turn, request, step)


async def hand_in(turn: Turn, request: Request) -> None:
    """Hand the request in.  A second tap tells the number again; what is missing is asked for."""
    try:
        done = await requests.submit(request, turn.now)
    except AlreadySubmitted as already:
        await turn.leave()
        await turn.answer(say("citizen-sent-already", number=already.facts["number"]))
        return
    except NotYetAnswered as missing:
        await answered(turn, request, refusal_text(missing))
        return
    except Denied as denied:
        await note_denied_chat(denied, turn.contact, turn.now)
        raise
    await turn.leave()
    await turn.answer(await receipt(turn, done))


async def receipt(turn: Turn, request: Request) -> str:
    """Number, moment, count, and what happens next."""
    service = service_of(request)
    spoken = language()
    following = []
    if by_pickup := outputs_by(Delivery.PICKUP, service):
        following.append(say("citizen-next-pickup", outputs=by_pickup))
    if digital := outputs_by(Delivery.DIGITAL, service):
        following.append(say("citizen-next-digital", outputs=digital))
    if request.relation == VILLAGER:
        following.append(say("village-next"))
    return together(
        say(
            "citizen-received",
            service=service.name.in_language(spoken),
            number=requests.printed(request),
            when=times.when(request.submitted_at or turn.now),
            count=len(await papers.papers_of(request)),
        ),
        "\n".join((say("citizen-next"), *following, hours.open_or_when(turn.now))),
    )


def outputs_by(delivery: Delivery, service: Service) -> str:
    """What comes this way; what comes only under a condition is not promised without it."""
    spoken = language()
    names = []
    for output in service.outputs:
        if output.delivery is delivery:
            name = output.name.in_language(spoken)
            names.append(f"{name} ({output.when.in_language(spoken).rstrip('.')})" if output.when else name)
    return "; ".join(names)


def router() -> Router:
    here = Router(name="citizen.confirm")
    here.callback_query.register(tap_confirm, Answers(Step.CONFIRM))
    here.message.register(type_confirm, HasText(), InForm(Form.confirm))
    return here
