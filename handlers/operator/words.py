"""Words: to the citizen, to colleagues, and in answer to a question."""

import re
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import number_and_words, text, unreadable
from handlers.operator.commands import called
from handlers.operator.each import each, told
from handlers.operator.excerpt import excerpt
from models.staff import Staff
from office import desk, questions, times
from office.words import say

MOST_QUESTIONS: Final = 20  # in one message

_QUESTION: Final = re.compile(r"[tq]?\s*([1-9][0-9]{0,8})[\s.:,]+(\S.*)", re.IGNORECASE | re.DOTALL)


async def write_to_citizen(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/kirim n text``."""
    number, words = number_and_words(command)
    outcome = await each([number], lambda n: desk.write_to_citizen(n, words, staff, now))
    await message.answer(told("operator-done-kirim", outcome))


async def note(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/catat n text``."""
    number, words = number_and_words(command)
    outcome = await each([number], lambda n: desk.note(n, words, staff, now))
    await message.answer(told("operator-done-catat", outcome))


async def tell_questions(message: Message) -> None:
    """``/tanya``: what citizens asked and nobody answered yet, oldest first."""
    waiting = await questions.open_ones()
    lines = [
        say(
            "operator-question",
            number=question.number,
            at=times.when(question.asked_at),
            text=excerpt(question.text),
        )
        for question in waiting[:MOST_QUESTIONS]
    ]
    lines.append(say("operator-questions" if waiting else "operator-questions-none", count=len(waiting)))
    await message.answer("\n\n".join(lines))


async def answer(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/jawab T12 text``."""
    typed = _QUESTION.fullmatch(text(command))
    if typed is None:
        raise unreadable(command)
    question = await questions.answer(int(typed[1]), typed[2], staff, now)
    await message.answer(say("operator-answered", number=question.number))


def router() -> Router:
    here = Router(name="operator.words")
    here.message.register(write_to_citizen, called("kirim"))
    here.message.register(note, called("catat"))
    here.message.register(tell_questions, called("tanya"))
    here.message.register(answer, called("jawab"))
    return here
