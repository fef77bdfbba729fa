"""Words of citizens that a person has to read: asked for, or said in the middle of a form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.jsontext import clean_text
from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact
from models.files import FileState, StoredFile
from models.requests import Question, Request
from models.staff import Staff
from office import audit
from office.check_words import check_word, today
from office.context import office
from office.identity import masked
from office.lifecycle import OPEN, by_staff, note_change
from office.names import short_name
from office.notices import subject_of, tell_staff
from office.number import RequestNumber
from office.permissions import Deed, must
from office.queue_numbers import QUESTION, count_up
from office.refusal import Refusal
from office.staff import bound_chats
from office.staff_words import MESSAGE, words_for_citizens

REPORT: Final = "[LAPORAN pesan mencurigakan]"  # how staff tell a report from a question, in their language
_PICTURE: Final = re.compile(r"\[foto ([a-z]{2}-[0-9a-f]{24}), lihat: /tanya\]")
SHOWN: int = 1_500  # characters of a question in the notice to staff; `read` gives all of them


LONGEST: int = 4_096  # characters that are kept of one; no platform but our own web chat takes more


class QuestionUnknown(Refusal):
    """No question has this number.  Facts: ``number``."""


class AlreadyAnswered(Refusal):
    """A colleague answered it before.  Facts: ``number``, ``name``: theirs."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as staff know them: a short name, their requests by queue number, or what they fill in."""

    name: str
    queue_numbers: tuple[int, ...] = ()
    draft: str | None = None  # code of its service

    @classmethod
    async def of(cls, contact: Contact, about: Request | None) -> Asker:
        """With the request the words are about; words about none come with all that are under way.

        A web chat knows nobody's name: then it is the name of the latest request.
        """
        under_way = await Request.filter(
            office_id=office().office_id, contact_id=contact.id, state__in=OPEN
        ).order_by("-submitted_at", "-id")
        names = [contact.name, about.subject_name if about else None, *(r.subject_name for r in under_way)]
        if about is not None:
            under_way = [about]
        return cls(
            name=short_name(next(filter(None, names), None)),
            queue_numbers=tuple(sorted(one.queue_number for one in under_way if one.queue_number)),
            draft=about.service if about is not None and about.submitted_at is None else None,
        )


async def ask(
    contact: Contact,
    channel: str,
    account: str,
    text: str,
    now: datetime,
    request: Request | None = None,
) -> Question:
    """Keep what a citizen said and show it to everybody at the desk."""
    words = clean_text(text)
    words = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    question = await Question.create(
        office_id=office().office_id,
        contact_id=contact.id,
        channel=channel,
        account=account,
        request_id=request.id if request else None,
        number=await count_up(office().office_id, QUESTION),
        text=words,
        asked_at=now,
    )
    asker, shown = await Asker.of(contact, request), masked(words)
    for chat in await bound_chats(Deed.QUESTIONS):
        await tell_staff(
            chat,
            "staff_question",
            f"question:{question.id}",
            now,
            subject=f"question:{question.id}",
            question=question.number,
            name=asker.name,
            text=shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…",
            queue=", ".join(map(str, asker.queue_numbers)) or None,
            draft=asker.draft,
        )
    return question


async def open_ones() -> list[Question]:
    """Those nobody answered, oldest first, with who asked and about what."""
    unanswered = Question.filter(office_id=office().office_id, answered_at=None)
    return await unanswered.order_by("number").prefetch_related("contact", "request")


def picture(scan: StoredFile) -> str:
    """How a picture stands in the words of a report."""
    return f"[foto {scan.file_id}, lihat: /tanya]"


async def pictures(question: Question) -> list[StoredFile]:
    """Those that stand in a report, as far as whoever asked has sent them and they are still here."""
    if not question.text.startswith(REPORT):
        return []
    here = StoredFile.filter(office_id=question.office_id, state=FileState.STORED)
    named = _PICTURE.findall(question.text)
    return await here.filter(file_id__in=named, event__contact_id=question.contact_id).order_by("id")


async def waiting(staff: Staff) -> list[Question]:
    """The same, for somebody who may read them.  Raises: `NotAllowed`."""
    must(staff, Deed.QUESTIONS)
    return await open_ones()


async def read(number: int, staff: Staff, now: datetime) -> Question:
    """One question whole.  A number that is masked elsewhere is noted as seen.

    Raises: `NotAllowed`, QuestionUnknown.
    """
    must(staff, Deed.QUESTIONS)
    found = Question.filter(office_id=office().office_id, number=number)
    question = await found.first().prefetch_related("contact", "request")
    if question is None:
        raise QuestionUnknown(number=number)
    if masked(question.text) != question.text:
        if question.request is not None:
            await note_change(question.request, actor=by_staff(staff), action="nik_shown", now=now)
        else:
            await audit.note(by_staff(staff), "nik_shown", f"question:{question.id}", now)
    return question


async def answer(number: int, text: str, staff: Staff, now: datetime) -> Question:
    """Write back to where it was asked.

    Raises: `NotAllowed`, `ReasonNeeded`, `TooLongForOneMessage`, QuestionUnknown, AlreadyAnswered.
    """
    must(staff, Deed.QUESTIONS)
    words = words_for_citizens(text, most=MESSAGE)
    asked = Question.filter(office_id=office().office_id, number=number)
    if not await asked.filter(answered_at=None).update(answered_at=now, answered_by_id=staff.id):
        raise await _why_not(number)
    question = await asked.select_related("request").get()
    about = question.request
    handed_in = about is not None and about.submitted_at is not None
    reference = f"T{question.number}"
    called = str(RequestNumber(about.number)) if about is not None and handed_in else reference
    await queue_notice(
        Notice(
            key=f"question:{question.id}:answer",
            name="staff_words",
            contact_id=question.contact_id,
            channel=question.channel,
            account=question.account,
            subject=subject_of(about) if about else f"question:{question.id}",
            due_at=now,
            facts={
                "text": words,
                "number": about.number if about is not None and handed_in else None,
                "reference": reference,
                "check": check_word(called, today(now)),
                "service": about.service if about else None,
                "name": short_name(about.subject_name if about else None),
            },
        )
    )
    return question


async def _why_not(number: int) -> Refusal:
    question = await Question.get_or_none(office_id=office().office_id, number=number).select_related(
        "answered_by"
    )
    if question is None:
        return QuestionUnknown(number=number)
    return AlreadyAnswered(number=number, name=question.answered_by.name if question.answered_by else "–")
