"""Rights that a person at the desk sees to: each with its number, its clock of 3 × 24 hours, and an owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact
from models.requests import Question
from models.rights import DataRequest, DataRequestEnd, DataRight
from models.staff import Staff
from office import erasure
from office.check_words import check_word, today
from office.context import office
from office.names import short_name
from office.notices import tell_staff
from office.permissions import Deed, must
from office.queue_numbers import DATA_REQUEST, count_up
from office.refusal import Refusal
from office.staff import bound_chats
from office.staff_words import MESSAGE, words_for_citizens

CLOCK: Final = timedelta(hours=72)  # UU 27/2022: 3 × 24 hours
LAST_DAY: Final = timedelta(hours=24)  # before the end, when staff are reminded first; then at the end


class NoSuchDataRequest(Refusal):
    """No data request has this number.  Facts: ``number``."""


class DataRequestOver(Refusal):
    """It was answered before.  Facts: ``number``."""


class DataRequestOfAnother(Refusal):
    """A colleague sees to it.  Facts: ``number``, ``name``: theirs."""


class NotRestricted(Refusal):
    """Nothing of this person is put on hold.  Facts: ``number``."""


async def ask(
    contact: Contact,
    right: DataRight,
    channel: str,
    account: str,
    now: datetime,
    question: Question | None = None,
) -> DataRequest:
    """Start the clock and tell the desk; a right that they asked for already keeps its clock."""
    here = office().office_id
    known = DataRequest.filter(office_id=here, contact_id=contact.id, right=right, ended_at=None)
    if (asked := await known.first()) is not None:
        return asked
    asked = await DataRequest.create(
        office_id=here,
        number=await count_up(here, DATA_REQUEST),
        right=right,
        contact_id=contact.id,
        channel=channel,
        account=account,
        question_id=question.id if question else None,
        asked_at=now,
        due_at=now + CLOCK,
    )
    await _tell_the_desk(asked, "asked", short_name(contact.name), now)
    return asked


async def restrict(contact: Contact, channel: str, account: str, now: datetime) -> DataRequest:
    """From now on nothing is done with their data but keeping it, until somebody at the desk lifts it."""
    await Contact.filter(id=contact.id).update(restricted_at=now)
    return await ask(contact, DataRight.RESTRICT, channel, account, now)


async def waiting(staff: Staff) -> list[DataRequest]:
    """Those not answered yet, the most urgent first, each with its contact, owner and question.

    Raises: `NotAllowed`.
    """
    must(staff, Deed.RIGHTS)
    asked = DataRequest.filter(office_id=office().office_id, ended_at=None)
    return await asked.order_by("due_at", "id").select_related("contact", "owner", "question")


async def take(number: int, staff: Staff, now: datetime) -> DataRequest:
    """See to it from now on.

    Raises: `NotAllowed`, NoSuchDataRequest, DataRequestOver, DataRequestOfAnother.
    """
    asked = await _open(number, staff)
    if not await DataRequest.filter(id=asked.id, owner_id=None).update(owner_id=staff.id):
        taken = await DataRequest.get(id=asked.id).select_related("owner")
        if taken.owner_id != staff.id:
            raise DataRequestOfAnother(number=number, name=taken.owner.name if taken.owner else "–")
    return asked


async def grant(number: int, words: str, staff: Staff, now: datetime) -> DataRequest:
    """It was done, or (erasing) is done now; ``words`` go to the person, but for an erasure.

    Raises: as `take`, `ReasonNeeded`, `TooLongForOneMessage`, `StillUnderWay`, `KeptForNow`,
    `UnderInquiry`.
    """
    asked = await take(number, staff, now)
    if asked.right is DataRight.ERASE:
        contact = await Contact.get(id=asked.contact_id)
        await erase_and_say(contact, asked.channel, asked.account, now)
        await _end(asked, DataRequestEnd.DONE, now)
    else:
        await _answer(asked, words, now)
        await _end(asked, DataRequestEnd.DONE, now)
    return asked


async def refuse(number: int, words: str, staff: Staff, now: datetime) -> DataRequest:
    """It is not done, and ``words`` tell the person why; a restriction is lifted.  Raises: as `grant`."""
    asked = await take(number, staff, now)
    await _answer(asked, words, now)
    if asked.right is DataRight.RESTRICT:
        await Contact.filter(id=asked.contact_id).update(restricted_at=None)
    await _end(asked, DataRequestEnd.REFUSED, now)
    return asked


async def lift(number: int, words: str, staff: Staff, now: datetime) -> DataRequest:
    """Go on with the data of whoever asked for this restriction, also after it was answered.

    Raises: `NotAllowed`, NoSuchDataRequest, NotRestricted, `ReasonNeeded`, `TooLongForOneMessage`.
    """
    must(staff, Deed.RIGHTS)
    asked = await _numbered(number)
    restricted = Contact.filter(id=asked.contact_id).exclude(restricted_at=None)
    if asked.right is not DataRight.RESTRICT or not await restricted.update(restricted_at=None):
        raise NotRestricted(number=number)
    await _answer(asked, words, now, "lifted")
    await DataRequest.filter(id=asked.id, ended_at=None).update(
        ended_at=now, ended_as=DataRequestEnd.DONE, owner_id=staff.id
    )
    return asked


async def erase_and_say(contact: Contact, channel: str, account: str, now: datetime) -> None:
    """Erase them, and tell whoever is at the same address that it was done.

    Raises: `StillUnderWay`, `KeptForNow`, `UnderInquiry`.
    """
    blank = await erasure.erase(contact, now)
    await queue_notice(
        Notice(
            key=f"erased:{contact.id}",
            name="data_erased",
            contact_id=blank,
            channel=channel,
            account=account,
            due_at=now,
            facts={"at": now.isoformat()},
        )
    )


async def remind(now: datetime) -> int:
    """Tell the desk of clocks that run out within a day, and again when they have.  Gives how many."""
    here = DataRequest.filter(office_id=office().office_id, ended_at=None).select_related("contact")
    soon = await here.filter(reminded=0, due_at__lte=now + LAST_DAY, due_at__gt=now).order_by("id")
    late = await here.filter(reminded__lt=2, due_at__lte=now).order_by("id")
    for asked, times in [*((one, 1) for one in soon), *((one, 2) for one in late)]:
        await DataRequest.filter(id=asked.id).update(reminded=times)
        await _tell_the_desk(asked, "late" if times == 2 else "soon", short_name(asked.contact.name), now)
    return len(soon) + len(late)


async def _open(number: int, staff: Staff) -> DataRequest:
    must(staff, Deed.RIGHTS)
    asked = await _numbered(number)
    if asked.ended_at is not None:
        raise DataRequestOver(number=number)
    return asked


async def _numbered(number: int) -> DataRequest:
    asked = await DataRequest.get_or_none(office_id=office().office_id, number=number)
    if asked is None:
        raise NoSuchDataRequest(number=number)
    return asked


async def _end(asked: DataRequest, how: DataRequestEnd, now: datetime) -> None:
    await DataRequest.filter(id=asked.id).update(ended_at=now, ended_as=how)


async def _answer(asked: DataRequest, words: str, now: datetime, what: str = "answer") -> None:
    reference = f"D{asked.number}"
    await queue_notice(
        Notice(
            key=f"data_request:{asked.id}:{what}",
            name="staff_words",
            contact_id=asked.contact_id,
            channel=asked.channel,
            account=asked.account,
            subject=f"data_request:{asked.id}",
            due_at=now,
            facts={
                "text": words_for_citizens(words, most=MESSAGE),
                "number": None,
                "service": None,
                "name": "–",
                "reference": reference,
                "check": check_word(reference, today(now)),
            },
        )
    )


async def _tell_the_desk(asked: DataRequest, what: str, name: str, now: datetime) -> None:
    for chat in await bound_chats(Deed.RIGHTS):
        await tell_staff(
            chat,
            "staff_right",
            f"data_request:{asked.id}:{what}",
            now,
            subject=f"data_request:{asked.id}",
            what=what,
            number=asked.number,
            right=asked.right.value,
            name=name,
            due=asked.due_at.isoformat(),
        )
