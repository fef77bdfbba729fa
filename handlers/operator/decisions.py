"""What the desk decides about requests, one or many at a time."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import (
    one_number_and_words,
    only_numbers,
    text,
    unreadable,
)
from handlers.operator.commands import called
from handlers.operator.each import each, told
from models.database import transaction
from models.staff import Staff
from office import desk
from office.refusal import Refusal
from office.requests import RequestNotFound
from office.words import say


class NumberUnknown(Refusal):
    """No request has the number that was read at the counter.  Facts: ``typed``."""


OnOne = Callable[[int, Staff, datetime], Awaitable[object]]
OnOneWithWords = Callable[[int, str, Staff, datetime], Awaitable[object]]
Handler = Callable[..., Awaitable[None]]

ON_MANY: Final[Mapping[str, OnOne]] = {
    "lengkap": desk.complete,
    "proses": desk.process,
    "tte": desk.to_signature,
    "selesai": desk.finish,
}
WITH_WORDS: Final[Mapping[str, OnOneWithWords]] = {
    "tolak": desk.reject,
    "salah": desk.wrong_office,
}


def on_many(name: str, act: OnOne) -> Handler:
    """The handler of ``/name n…``."""

    async def handler(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
        outcome = await each(only_numbers(command), lambda n: act(n, staff, now), staff, now)
        await message.answer(told(f"operator-done-{name}", outcome))

    return handler


def on_one_with_words(name: str, act: OnOneWithWords) -> Handler:
    """The handler of ``/name n words``; its sentence has the fact ``words``."""

    async def handler(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
        number, words = one_number_and_words(command)
        outcome = await each([number], lambda n: act(n, words, staff, now), staff, now)
        await message.answer(told(f"operator-done-{name}", outcome, words=words))

    return handler


async def hand_over(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/serah NUMBER``: the citizen's number, or the queue's."""
    typed = text(command)
    if not typed:
        raise unreadable(command)
    try:
        request = await transaction(lambda: desk.hand_over(typed, staff, now))
    except RequestNotFound as error:  # its sentence is the citizen's
        raise NumberUnknown(typed=typed) from error
    await message.answer(say("operator-done-serah", number=request.queue_number))


def router() -> Router:
    here = Router(name="operator.decisions")
    for name, act in ON_MANY.items():
        here.message.register(on_many(name, act), called(name))
    for name, act_with_words in WITH_WORDS.items():
        here.message.register(on_one_with_words(name, act_with_words), called(name))
    here.message.register(hand_over, called("serah"))
    return here
