"""What a village head may do: hand in for the people of their village, from their own chat while it is awake.

Asked by the functions of the office, so that neither a form left open nor an old button leads around it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from models.requests import Request
from models.staff import Role, Staff, StaffBinding
from office.context import office
from office.permissions import AWAKE, BindingAsleep, Deed, NotAllowed, must
from office.refusal import Refusal

VILLAGER: Final = "warga desa"
"""What the subject of a request from a list is to the head who handed it in; as the row keeps it."""


class HeadAsleep(BindingAsleep):
    """The head's chat was not used for `AWAKE`: a new code wakes it."""


class NotTheirHead(NotAllowed):
    """Whoever writes is not, or not any more, the head of the village whose people it is about.

    Facts: ``role``, ``deed`` (codes).
    """


class VillageFixed(Refusal):
    """A request from a village's list is of that village."""


async def head_of_chat(contact_id: int) -> Staff | None:
    """The village head for whom this chat speaks."""
    found = await _binding_of(contact_id)
    return found.staff if found is not None else None


async def must_be_awake(contact_id: int, village_code: str | None, now: datetime) -> Staff:
    """The head of this village, for whom this chat speaks now.  Raises: NotTheirHead, HeadAsleep."""
    found = await _binding_of(contact_id)
    if found is None or village_code is None or found.staff.village_code != village_code:
        raise NotTheirHead(role=Role.VILLAGE_HEAD.value, deed=Deed.VILLAGE.value)
    must(found.staff, Deed.VILLAGE)
    if (found.used_at or found.bound_at) <= now - AWAKE:
        raise HeadAsleep(deed=Deed.VILLAGE.value)
    head: Staff = found.staff
    return head


async def must_speak_for(request: Request, now: datetime) -> None:
    """A request from a list goes on with the village's head alone; anybody's own requests pass.

    Raises: NotTheirHead, HeadAsleep.
    """
    if request.relation == VILLAGER:
        await must_be_awake(request.contact_id, request.village_code, now)


def must_stay_in_village(request: Request, village_code: str) -> None:
    """Raises: VillageFixed."""
    if request.relation == VILLAGER and request.village_code != village_code:
        raise VillageFixed


def of_no_list() -> Q:
    """The condition for requests that people began themselves."""
    return Q(relation=None) | Q(relation__not=VILLAGER)


async def _binding_of(contact_id: int) -> StaffBinding | None:
    mine = StaffBinding.filter(office_id=office().office_id, contact_id=contact_id)
    speaks = mine.filter(staff__role=Role.VILLAGE_HEAD, staff__removed_at=None)
    return await speaks.select_related("staff").first()
