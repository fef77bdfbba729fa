"""Rights that a person at the desk sees to: each with its number, its clock of 3 × 24 hours, and an owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact
from models.requests import Question
from models.rights import DataRequest, DataRequestEnd, DataRight
from models.staff import Staff
from office import audit, consents, erasure
from office.check_words import check_word, today
from office.context import office
from office.lifecycle import by_staff
from office.names import short_name
from office.notices import tell_staff
from office.ownership import chats_of
from office.permissions import Deed, OwnData, must
from office.queue_numbers import DATA_REQUEST, count_up
from office.refusal import Refusal
from office.staff import bound_chats
from office.staff_words import MESSAGE, words_for_citizens

CLOCK: Final = timedelta(hours=72)  # UU 27/2022: 3 × 24 hours
ENDED_SHOWN: Final = timedelta(days=30)
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
    await consents.silence(contact.id)
    return await ask(contact, DataRight.RESTRICT, channel, account, now)


async def waiting(staff: Staff) -> list[DataRequest]:
    """Those not answered yet, the most urgent first, each with its contact, owner and question.

    Raises: `NotAllowed`.
    """
    must(staff, Deed.RIGHTS)
    asked = DataRequest.filter(office_id=office().office_id, ended_at=None)
    return await asked.order_by("due_at", "id").select_related("contact", "owner", "question")


async def ended(staff: Staff, now: datetime) -> list[DataRequest]:
    """Those of the last `ENDED_SHOWN`, the latest first, each with its contact and owner.

    Raises: `NotAllowed`.
    """
    must(staff, Deed.RIGHTS)
    asked = DataRequest.filter(office_id=office().office_id, ended_at__gt=now - ENDED_SHOWN)
    return await asked.order_by("-ended_at", "-id").select_related("contact", "owner")


async def take(number: int, staff: Staff, now: datetime) -> DataRequest:
    """See to it from now on.

    Raises: `NotAllowed`, NoSuchDataRequest, `OwnData`, DataRequestOver, DataRequestOfAnother.
    """
    asked = await numbered(number, staff)
    if asked.ended_at is not None:
        raise DataRequestOver(number=number)
    if await DataRequest.filter(id=asked.id, owner_id=None).update(owner_id=staff.id):
        await _note("right_taken", asked, staff, now)
    else:
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
    await end(asked, DataRequestEnd.DONE, staff, now)
    if asked.right is DataRight.ERASE:
        contact = await Contact.get(id=asked.contact_id)
        await erase_and_say(contact, asked.channel, asked.account, now)
    else:
        await answer(asked, words, now)
    return asked


async def refuse(number: int, words: str, staff: Staff, now: datetime) -> DataRequest:
    """It is not done, and ``words`` tell the person why; a restriction is lifted.  Raises: as `grant`."""
    asked = await take(number, staff, now)
    await end(asked, DataRequestEnd.REFUSED, staff, now)
    await answer(asked, words, now)
    if asked.right is DataRight.RESTRICT:
        await Contact.filter(id=asked.contact_id).update(restricted_at=None)
    return asked


async def lift(number: int, words: str, staff: Staff, now: datetime) -> DataRequest:
    """Go on with the data of whoever asked for this restriction, also after it was answered.

    Raises: `NotAllowed`, NoSuchDataRequest, `OwnData`, NotRestricted, `ReasonNeeded`,
    `TooLongForOneMessage`.
    """
    asked = await numbered(number, staff)
    restricted = Contact.filter(id=asked.contact_id).exclude(restricted_at=None)
    if asked.right is not DataRight.RESTRICT or not await restricted.update(restricted_at=None):
        raise NotRestricted(number=number)
    await answer(asked, words, now, "lifted")
    await DataRequest.filter(id=asked.id, ended_at=None).update(
        ended_at=now, ended_as=DataRequestEnd.DONE, owner_id=staff.id
    )
    await _note("right_lifted", asked, staff, now)
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


async def numbered(number: int, staff: Staff) -> DataRequest:
    """What this person may see to, answered or not.  Raises: `NotAllowed`, NoSuchDataRequest, `OwnData`."""
    must(staff, Deed.RIGHTS)
    asked = await DataRequest.get_or_none(office_id=office().office_id, number=number)
    if asked is None:
        raise NoSuchDataRequest(number=number)
    if asked.contact_id in await chats_of(staff):
        raise OwnData(data_request=number)
    return asked


async def end(asked: DataRequest, how: DataRequestEnd, staff: Staff, now: datetime) -> None:
    """It is answered, once: whoever comes second waits here for the first.  Raises: DataRequestOver."""
    if not await DataRequest.filter(id=asked.id, ended_at=None).update(ended_at=now, ended_as=how):
        raise DataRequestOver(number=asked.number)
    await _note("right_granted" if how is DataRequestEnd.DONE else "right_refused", asked, staff, now)


async def answer(asked: DataRequest, words: str, now: datetime, what: str = "answer") -> None:
    """Say it to who asked; ``what`` keeps it from being said twice.

    Raises: `ReasonNeeded`, `TooLongForOneMessage`.
    """
    whom = Addressee(asked.contact_id, asked.channel, asked.account, f"D{asked.number}")
    await say_to(whom, f"data_request:{asked.id}", words, now, what)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a person is told of their data; ``reference``: the number that stands behind ``cek``."""

    contact_id: int
    channel: str
    account: str
    reference: str


async def say_to(whom: Addressee, subject: str, words: str, now: datetime, what: str) -> None:
    """The same, about anything.  Raises: as `answer`."""
    await queue_notice(
        Notice(
            key=f"{subject}:{what}",
            name="staff_words",
            contact_id=whom.contact_id,
            channel=whom.channel,
            account=whom.account,
            subject=subject,
            due_at=now,
            facts={
                "text": words_for_citizens(words, most=MESSAGE),
                "number": None,
                "service": None,
                "name": "–",
                "reference": whom.reference,
                "check": check_word(whom.reference, today(now)),
            },
        )
    )


async def _note(action: str, asked: DataRequest, staff: Staff, now: datetime) -> None:
    about = f"data_right:{asked.number}"
    await audit.note(by_staff(staff), action, about, now, reason=asked.right.value)


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
