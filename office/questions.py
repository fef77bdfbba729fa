"""Words of citizens that a person has to read: asked for, or said in the middle of a form."""

from __future__ import annotations

from datetime import datetime

from bot.jsontext import clean_text
from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact
from models.requests import Question, Request
from models.staff import Staff
from office.context import office
from office.names import short_name
from office.notices import subject_of, tell_staff
from office.ownership import must_work_at_the_desk
from office.queue_numbers import QUESTION, count_up
from office.refusal import Refusal
from office.staff import bound_chats
from office.staff_words import MESSAGE, words_of_staff

SHOWN: int = 1_500  # characters of a question in the notice to staff; `open_ones` has all of them


class QuestionUnknown(Refusal):
    """No question has this number.  Facts: ``number``."""


class AlreadyAnswered(Refusal):
    """A colleague answered it before.  Facts: ``number``, ``name``: theirs."""


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
    for chat in await bound_chats():
        await tell_staff(
            chat,
            "staff_question",
            f"question:{question.id}",
            now,
            subject=f"question:{question.id}",
            question=question.number,
            name=short_name(contact.name),
            text=words if len(words) <= SHOWN else words[: SHOWN - 1] + "…",
            queue=request.queue_number if request else None,
        )
    return question


async def open_ones() -> list[Question]:
    """Those nobody answered, oldest first."""
    return await Question.filter(office_id=office().office_id, answered_at=None).order_by("number")


async def answer(number: int, text: str, staff: Staff, now: datetime) -> Question:
    """Write back to where it was asked.

    Raises: `NotAtTheDesk`, `ReasonNeeded`, `TooLongForOneMessage`, QuestionUnknown, AlreadyAnswered.
    """
    must_work_at_the_desk(staff)
    words = words_of_staff(text, most=MESSAGE)
    asked = Question.filter(office_id=office().office_id, number=number)
    if not await asked.filter(answered_at=None).update(answered_at=now, answered_by_id=staff.id):
        raise await _why_not(number)
    question = await asked.select_related("request").get()
    about = question.request
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
                "number": about.number if about and about.submitted_at else None,
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
