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
from models.database import transaction
from models.requests import Question
from models.staff import Staff
from office import desk, notices, questions, times
from office.identity import masked
from office.words import say

MOST_QUESTIONS: Final = 20  # in one message

_NUMBER: Final = re.compile(r"[tq]?\s*([1-9][0-9]{0,8})", re.IGNORECASE)
_ANSWER: Final = re.compile(rf"{_NUMBER.pattern}[\s.:,]+(\S.*)", re.IGNORECASE | re.DOTALL)


async def write_to_citizen(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/kirim n text``."""
    number, words = number_and_words(command)
    outcome = await each([number], lambda n: desk.write_to_citizen(n, words, staff, now), staff, now)
    await message.answer(told("operator-done-kirim", outcome))


async def note(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/catat n text``."""
    number, words = number_and_words(command)
    outcome = await each([number], lambda n: desk.note(n, words, staff, now), staff, now)
    await message.answer(told("operator-done-catat", outcome))


async def tell_questions(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/tanya``: what nobody answered yet, oldest first; ``/tanya T12``: that one whole."""
    if typed := text(command):
        await tell_one(message, _number(typed, command), staff, now)
        return
    waiting = await questions.waiting(staff)
    lines = [await _line(question, excerpt(masked(question.text))) for question in waiting[:MOST_QUESTIONS]]
    lines.append(say("operator-questions" if waiting else "operator-questions-none", count=len(waiting)))
    await message.answer("\n\n".join(lines))


async def tell_one(message: Message, number: int, staff: Staff, now: datetime) -> None:
    question = await transaction(lambda: questions.read(number, staff, now))
    await message.answer(await _line(question, question.text))
    for scan in await questions.pictures(question):
        await message.answer_photo(scan.file_id)


async def answer(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/jawab T12 text``."""
    typed = _ANSWER.fullmatch(text(command))
    if typed is None:
        raise unreadable(command)
    question = await questions.answer(int(typed[1]), typed[2], staff, now)
    await message.answer(say("operator-answered", number=question.number))


def _number(typed: str, command: CommandObject) -> int:
    found = _NUMBER.fullmatch(typed)
    if found is None:
        raise unreadable(command)
    return int(found[1])


async def _line(question: Question, words: str) -> str:
    asker = await questions.Asker.of(question.contact, question.request)
    numbers = ", ".join(map(str, asker.queue_numbers))
    return say(
        "operator-question-of",
        number=question.number,
        at=times.when(question.asked_at),
        name=asker.name,
        about=notices.asked_about(numbers, asker.draft),
        text=words,
    )


def router() -> Router:
    here = Router(name="operator.words")
    here.message.register(write_to_citizen, called("kirim"))
    here.message.register(note, called("catat"))
    here.message.register(tell_questions, called("tanya"))
    here.message.register(answer, called("jawab"))
    return here
