"""One request on one page, with its papers behind it."""

import html
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.age import age
from handlers.operator.arguments import only_number
from handlers.operator.commands import called
from handlers.operator.excerpt import excerpt
from handlers.operator.journal import journal_lines
from handlers.operator.moments import moment
from models.files import FileState
from models.staff import Staff
from office import desk, times
from office.dossier import Dossier, Fact, PaperLine
from office.identity import masked
from office.outgoing import harmless
from office.words import language, plain, say

SHOWN_AS_PHOTO: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
MOST_LINES: Final = 10  # of each list: the last ones


async def look(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/lihat n``."""
    await show(message, only_number(command), staff, now)


async def show(message: Message, number: int, staff: Staff, now: datetime) -> None:
    """The facts in one message, then every paper, under its name and place.

    Raises: as `office.desk.dossier`.
    """
    found = await desk.dossier(number, staff, now)
    await message.answer(await page(found, now))
    for line in found.papers:
        if line.paper.scan.state is FileState.STORED:
            await _send(message, line, number, len(found.papers))


async def page(found: Dossier, now: datetime) -> str:
    """The dossier in words: what SIAK asks for first, each value to be copied by a tap."""
    parts = [
        _head(found, now),
        "\n".join(map(_fact, found.facts)),
        _papers(found),
        _block("operator-outputs", [_output(found, place) for place in range(len(found.outputs))]),
        _block("operator-journal", await journal_lines(found.journal[-MOST_LINES:], found.service)),
        _block("operator-notes", _notes(found)),
        _block("operator-notices", _notices(found)),
        _block("operator-open-questions", _questions(found)),
    ]
    return "\n\n".join(part for part in parts if part)


def router() -> Router:
    here = Router(name="operator.dossier")
    here.message.register(look, called("lihat"))
    return here


async def _send(message: Message, line: PaperLine, number: int, count: int) -> None:
    caption = say("operator-paper-caption", number=number, place=line.place, count=count, paper=_name(line))
    scan = line.paper.scan
    if scan.mime in SHOWN_AS_PHOTO:
        await message.answer_photo(scan.file_id, caption=caption)
    else:
        await message.answer_document(scan.file_id, caption=caption)


def _head(found: Dossier, now: datetime) -> str:
    request = found.request
    lines = [
        say(
            "operator-dossier",
            number=request.queue_number,
            service=found.service.short.in_language(language()),
            state=plain(f"state-{request.state.value}"),
            owner=found.owner or plain("operator-nobody"),
        )
    ]
    if request.submitted_at is not None:
        since = times.when(request.submitted_at)
        lines.append(say("operator-dossier-since", at=since, age=age(now - request.submitted_at)))
    if request.forgotten_at is not None:
        lines.append(say("operator-dossier-forgotten", at=times.when(request.forgotten_at)))
    if request.retained_at is not None:
        at, why = times.when(request.retained_at), request.retain_reason or ""
        lines.append(say("operator-dossier-retained", at=at, reason=why))
    if request.hold_reason is not None:
        lines.append(say("operator-dossier-hold", reason=plain(f"hold-{request.hold_reason.value}")))
    if request.reason:
        lines.append(say("operator-dossier-reason", reason=request.reason))
    if request.correct_by is not None:
        lines.append(say("operator-dossier-correct-by", at=times.when(request.correct_by)))
    if found.strangers:
        lines.append(say("operator-dossier-strangers", count=found.strangers))
    return "\n".join(lines)


def _fact(fact: Fact) -> str:
    value = html.escape(harmless(fact.value), quote=False)
    return f"{html.escape(fact.label, quote=False)}: <code>{value}</code>"


def _papers(found: Dossier) -> str:
    lines = [_paper(line) for line in found.papers]
    if found.missing:
        names = ", ".join(slot.short.in_language(language()) for slot in found.missing)
        lines.append(say("operator-papers-missing", papers=names))
    if found.waiting:
        lines.append(say("operator-papers-waiting", count=found.waiting))
    return _block("operator-papers", lines)


def _paper(line: PaperLine) -> str:
    if line.asked_again:
        reason = line.paper.reason or ""
        said = say("operator-paper-asked-again", place=line.place, paper=_name(line), reason=reason)
    else:
        said = say("operator-paper", place=line.place, paper=_name(line))
    return " ".join([said, *_marks(line)])


def _marks(line: PaperLine) -> list[str]:
    """What the machine saw, for a person to judge."""
    marks = []
    if line.unreadable is not None:
        marks.append(say("operator-paper-look", reason=plain(f"operator-verdict-{line.unreadable.value}")))
    if line.like is not None:
        marks.append(say("operator-paper-like", place=line.like))
    if line.not_scanned:
        marks.append(say("operator-paper-not-scanned"))
    if line.infected:
        marks.append(say("operator-paper-infected"))
    if line.suggestion is not None:
        nik, name = line.suggestion.nik, line.suggestion.name
        marks.append(say("operator-paper-suggested", nik=str(nik or "–"), name=name or "–"))
    return marks


def _name(line: PaperLine) -> str:
    return line.slot.name.in_language(language()) if line.slot else plain("operator-paper-extra")


def _output(found: Dossier, place: int) -> str:
    output, state = found.outputs[place]
    name = output.name.in_language(language())
    return say("operator-output", output=name, key=output.key, state=plain(f"state-{state.value}"))


def _notes(found: Dossier) -> list[str]:
    return [
        say("operator-note", at=moment(note.at), name=note.staff.name, text=excerpt(note.text))
        for note in found.notes[-MOST_LINES:]
    ]


def _notices(found: Dossier) -> list[str]:
    return [
        say(
            "operator-notice",
            at=moment(line.at),
            notice=plain(f"operator-notice-{line.name}"),
            state=line.state,
        )
        for line in found.notices[-MOST_LINES:]
    ]


def _questions(found: Dossier) -> list[str]:
    return [
        say("operator-question", number=one.number, at=moment(one.asked_at), text=excerpt(masked(one.text)))
        for one in found.questions[-MOST_LINES:]
    ]


def _block(title: str, lines: list[str]) -> str:
    return "\n".join([say(title), *lines]) if lines else ""
