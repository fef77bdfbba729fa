"""The people at the counter, and the chats that speak for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import Q

from models.contacts import Contact
from models.requests import Request
from models.staff import BindingCode, Role, Staff, StaffBinding
from office import audit, console_accounts, tries
from office.codes import hash_of_code, new_code
from office.context import office
from office.lifecycle import CLOCK, ENDED, by_contact, by_staff, note_change
from office.mentions import forget_talk
from office.permissions import AWAKE, Deed, roles_that_may
from office.refusal import Refusal
from office.typed import fold

CODE_LIVES: Final = timedelta(minutes=10)

_TRIES: Final = "masuk"


class BadCode(Refusal):
    """The code is wrong, used, too old, or there were too many wrong ones: the same answer to all."""


class StaffUnknown(Refusal):
    """Nobody at the desk is called so.  Facts: ``name``."""


class StaffNotUnique(Refusal):
    """Several people are called so; their number says which.  Facts: ``name``, ``numbers``."""


class VillageOfHeadMissing(Refusal):
    """A village head is one of a village."""


async def add(name: str, role: Role, now: datetime, village_code: str | None = None) -> tuple[Staff, str]:
    """A new member of staff, and the one-time code that binds a chat to them, shown once.

    Raises: VillageOfHeadMissing.
    """
    if role is Role.VILLAGE_HEAD and not village_code:
        raise VillageOfHeadMissing
    staff = await Staff.create(
        office_id=office().office_id,
        name=" ".join(name.split()),
        role=role,
        village_code=village_code,
        created_at=now,
    )
    await audit.note(audit.CLI, "staff_added", by_staff(staff), now, reason=role.value)
    return staff, await new_binding_code(staff, now)


async def new_binding_code(staff: Staff, now: datetime, actor: str = audit.CLI) -> str:
    """A fresh code; those not used before are void."""
    await BindingCode.filter(staff_id=staff.id, used_at=None).update(used_at=now)
    code = new_code()
    await BindingCode.create(
        office_id=staff.office_id,
        staff_id=staff.id,
        code_hash=hash_of_code(code),
        expires_at=now + CODE_LIVES,
    )
    await audit.note(actor, "code_made", by_staff(staff), now)
    return code


async def renew_code(name_or_id: str | int, now: datetime) -> tuple[Staff, str]:
    """Another code for somebody whose code was lost or is too old, or who has a new phone.

    Raises: StaffUnknown, StaffNotUnique.
    """
    staff = await one(name_or_id)
    return staff, await new_binding_code(staff, now)


async def bind(typed_code: str, contact: Contact, channel: str, account: str, now: datetime) -> Staff:
    """Let this chat speak for the person the code was made for.

    Wrong codes are counted in this transaction: whoever catches `BadCode` must let it commit.
    Raises: BadCode.
    """
    staff = await _use(typed_code, now) if await tries.any_left(_TRIES, contact, now) else None
    if staff is None:
        await tries.note_wrong(_TRIES, contact, now)
        await audit.note(by_contact(contact), "refused", "command:masuk", now, reason="bad_code")
        raise BadCode
    await unbind(contact, now)
    await StaffBinding.create(
        office_id=staff.office_id,
        staff_id=staff.id,
        contact_id=contact.id,
        channel=channel,
        account=account,
        bound_at=now,
        used_at=now,
    )
    await audit.note(by_staff(staff), "bind", by_contact(contact), now)
    return staff


async def unbind(contact: Contact, now: datetime) -> None:
    """The chat speaks for itself again, and what was said for the desk is no longer in it."""
    await forget_talk(contact.id)
    for binding in await StaffBinding.filter(contact_id=contact.id):
        await binding.delete()
        await audit.note(f"staff:{binding.staff_id}", "unbind", by_contact(contact), now)


async def of_contact(contact: Contact) -> Staff | None:
    """For whom this chat speaks."""
    return await Staff.get_or_none(bindings__contact_id=contact.id, removed_at=None)


async def keep_awake(contact: Contact, now: datetime) -> bool:
    """Whether the chat was used within `AWAKE`; then it is from now on.  One that fell asleep stays so.

    A chat bound before uses were noted counts from when it was bound.
    """
    lately = now - AWAKE
    mine = StaffBinding.filter(
        Q(used_at__gt=lately) | Q(used_at=None, bound_at__gt=lately), contact_id=contact.id
    )
    return bool(await mine.update(used_at=now))


async def listing() -> list[Staff]:
    """Everybody who works here now, by name."""
    return await Staff.filter(office_id=office().office_id, removed_at=None).order_by("name", "id")


async def at_the_desk() -> list[Staff]:
    """The same without those who speak for a village."""
    return [one for one in await listing() if one.role is not Role.VILLAGE_HEAD]


async def bound_chats(deed: Deed) -> list[StaffBinding]:
    """The chats of everybody who may do this, each with its ``staff``."""
    mine = StaffBinding.filter(
        office_id=office().office_id, staff__removed_at=None, staff__role__in=roles_that_may(deed)
    )
    return await mine.order_by("id").select_related("staff")


async def chats_of(staff: Staff) -> list[StaffBinding]:
    """The chats that speak for this person, each with its ``contact``."""
    mine = StaffBinding.filter(office_id=staff.office_id, staff_id=staff.id)
    return await mine.order_by("id").select_related("contact")


async def unbind_one(staff: Staff, binding_id: int, now: datetime) -> None:
    """One of this person's chats speaks for itself again; of no other anything is known here."""
    mine = StaffBinding.filter(office_id=staff.office_id, staff_id=staff.id, id=binding_id)
    for binding in await mine.select_related("contact"):
        await unbind(binding.contact, now)


async def any_bound() -> bool:
    """Whether any chat speaks for anybody here."""
    return await StaffBinding.filter(office_id=office().office_id, staff__removed_at=None).exists()


async def remove(name_or_id: str | int, now: datetime) -> Staff:
    """Take a person off the desk: chats, codes, the console and requests are theirs no longer.

    Raises: StaffUnknown, StaffNotUnique.
    """
    staff = await one(name_or_id)
    await Staff.filter(id=staff.id).update(removed_at=now)
    for chat in await StaffBinding.filter(staff_id=staff.id):
        await forget_talk(chat.contact_id)
    await StaffBinding.filter(staff_id=staff.id).delete()
    await audit.note(audit.CLI, "staff_removed", by_staff(staff), now)
    await BindingCode.filter(staff_id=staff.id, used_at=None).update(used_at=now)
    await console_accounts.take_away(staff, now)
    for request in await Request.filter(owner_id=staff.id).exclude(state__in=ENDED):
        await note_change(request, actor=CLOCK, action="release", now=now, owner_id=None)
    return await Staff.get(id=staff.id)


async def _use(typed_code: str, now: datetime) -> Staff | None:
    mine = BindingCode.filter(office_id=office().office_id, code_hash=hash_of_code(typed_code))
    code = await mine.get_or_none(used_at=None, expires_at__gt=now)
    if code is None or not await BindingCode.filter(id=code.id, used_at=None).update(used_at=now):
        return None
    return await Staff.get_or_none(id=code.staff_id, removed_at=None)


async def one(name_or_id: str | int) -> Staff:
    """Who is called so, or has this number.  Raises: StaffUnknown, StaffNotUnique."""
    here = await listing()
    if str(name_or_id).isdecimal():
        found = [one for one in here if one.id == int(name_or_id)]
    else:
        found = [one for one in here if fold(one.name) == fold(str(name_or_id))]
    if not found:
        raise StaffUnknown(name=name_or_id)
    if len(found) > 1:
        raise StaffNotUnique(name=name_or_id, numbers=", ".join(str(one.id) for one in found))
    return found[0]
