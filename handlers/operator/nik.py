"""``/nik``: the one command that shows a whole NIK, or takes one that was read from a paper."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import number_and_rest
from handlers.operator.commands import called
from models.database import transaction
from models.staff import Staff
from office import desk
from office.identity import Decision, Nik
from office.nik_shown import show_nik
from office.words import plain, say


async def nik(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/nik n`` shows it, or what OCR suggests, once and journalled; ``/nik n DIGITS`` writes it down."""
    number, typed = number_and_rest(command)
    if typed:
        await _enter(message, number, Nik.parse(typed), staff, now)
        return
    shown = await transaction(lambda: show_nik(number, staff, now))
    if shown.suggested is None:
        await message.answer(say("operator-nik", number=number, nik=shown.nik.digits))
    else:
        await message.answer(_suggestion(number, shown.nik, letters=shown.suggested.letters))


def router() -> Router:
    here = Router(name="operator.nik")
    here.message.register(nik, called("nik"))
    return here


async def _enter(message: Message, number: int, read: Nik, staff: Staff, now: datetime) -> None:
    await transaction(lambda: desk.enter_nik(number, read, staff, now))
    lines = [say("operator-nik-entered", number=number, nik=str(read))]
    await message.answer("\n".join([*lines, *_unusual(read)]))


def _suggestion(number: int, read: Nik, *, letters: bool) -> str:
    lines = [say("operator-nik-suggested", number=number, nik=read.digits), *_unusual(read)]
    if letters:
        lines.append(say("operator-nik-letters"))
    return "\n".join(lines)


def _unusual(read: Nik) -> list[str]:
    if read.verdict.decision is not Decision.CONFIRM:
        return []
    flags = ", ".join(plain(f"nik-flag-{flag.value}") for flag in read.verdict.flags)
    return [say("operator-nik-unusual", flags=flags)]
