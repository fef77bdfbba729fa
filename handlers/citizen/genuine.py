"""Is this message from the office: ``cek CODE``; and ``LAPOR``, where it seems not to be."""

import re
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from handlers.citizen.form import go_on, tell, together
from handlers.citizen.person import hand_on
from handlers.citizen.scans import captions, papers_in
from handlers.citizen.status import line
from handlers.citizen.steps import Talk
from handlers.citizen.turn import Turn
from handlers.citizen.typed import REPORT, BringsPapers, HasText, Says
from models.files import FileState
from office import genuine, questions, times
from office.context import office
from office.genuine import Genuine, NotGenuine, Typed
from office.misses import TooManyMisses, look_up
from office.outgoing import may_be_said
from office.refusal_words import refusal_text
from office.requests import RequestNotFound
from office.words import language, plain, say

_CHECKS: Final = re.compile(r"/?(?:cek|check)(?:\s+kode|\s+code)?[\s:]+(?P<typed>\S.{0,39})", re.IGNORECASE)
_REPORTS: Final = re.compile(rf"(?:{'|'.join(REPORT)})[\s:,]+(?P<words>\S.*)", re.IGNORECASE | re.DOTALL)
_ENOUGH: Final = 4  # words that are a report by themselves: ``lapor kematian`` is the name of a service


class AsksIfGenuine(Filter):
    """``cek`` and what may be a code, right or wrong; hands in ``code``.  ``cek ktp saya`` is none."""

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        asked = _CHECKS.fullmatch((message.text or "").strip())
        code = genuine.read(asked["typed"]) if asked else None
        return {"code": code} if code is not None else False


class Reports(Filter):
    """``lapor`` and the message itself; hands in ``words``."""

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        told = _REPORTS.fullmatch((message.text or "").strip())
        if told is None or (len(told["words"].split()) < _ENOUGH and may_be_said(told["words"])):
            return False
        return {"words": told["words"]}


async def check(message: Message, turn: Turn, code: Typed, near: str | None = None) -> None:
    await tell(turn, await found(turn, code, near))


async def found(turn: Turn, code: Typed, near: str | None = None) -> str:
    """From whom it is; a number alone is looked up as one's own: no message of ours goes without a word."""
    try:
        if code.word:
            return _is_ours(await genuine.checked(code, turn.contact, turn.now, near))
        return await line(await look_up(code.about or "", turn.contact, turn.now, near))
    except RequestNotFound:
        return refusal_text(NotGenuine())
    except (NotGenuine, TooManyMisses) as no:
        return refusal_text(no)


async def ask_for_report(message: Message, turn: Turn) -> None:
    await turn.state.set_state(Talk.report)
    await turn.answer(say("citizen-report"))


async def report_at_once(message: Message, turn: Turn, words: str) -> None:
    await report(turn, words)


async def take_report(message: Message, turn: Turn) -> None:
    await report(turn, turn.text)


async def take_pictures(message: Message, turn: Turn) -> None:
    """A picture of the message: no paper, and in no request; staff look at it with the question."""
    pictures = [questions.picture(scan) for scan, _ in papers_in(turn) if scan.state is FileState.STORED]
    await report(turn, " ".join([*pictures, *captions(turn)]))


async def report(turn: Turn, words: str) -> None:
    """To the desk, marked; nothing in it is acted on."""
    draft = await turn.draft()
    told = together(await hand_on(turn, draft, f"{questions.REPORT} {words}"), say("citizen-report-done"))
    if draft is None:
        await turn.leave()
        await turn.answer(told)
    else:
        await go_on(turn, draft, told)


def _is_ours(one: Genuine) -> str:
    if one.words is not None:
        return say(
            "citizen-check-broadcast",
            office=office().office.name.in_language(language()),
            about=one.about,
            date=times.date_in_words(one.on) if one.on else plain("citizen-check-undated"),
            words=one.words,
        )
    kind = "request" if "-" in one.about else {"T": "question", "D": "data", "P": "list"}[one.about[0]]
    told = say(
        "citizen-check-genuine",
        office=office().office.name.in_language(language()),
        about=plain(f"citizen-check-about-{kind}", about=one.about),
        date=times.date_in_words(one.on) if one.on else plain("citizen-check-undated"),
    )
    whose = say("citizen-check-theirs") if one.theirs else say("citizen-check-not-theirs")
    return f"{told}\n{whose}"


def router() -> Router:
    here = Router(name="citizen.genuine")
    here.message.register(check, HasText(), AsksIfGenuine())
    here.message.register(report_at_once, HasText(), Reports())
    here.message.register(ask_for_report, Says(REPORT))
    return here


def words_router() -> Router:
    """What is reported; comes behind the words that work everywhere."""
    here = Router(name="citizen.genuine.words")
    here.message.register(take_report, HasText(), Talk.report)
    here.message.register(take_pictures, BringsPapers(), Talk.report)
    return here
