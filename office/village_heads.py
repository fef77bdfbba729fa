"""Who speaks for which village: the elected head of a desa (kepala desa), the appointed one of a kelurahan
(lurah)."""

from __future__ import annotations

from datetime import datetime

from models.staff import Role, Staff
from office import staff
from office.refusal import Refusal
from office.villages import Found, KecamatanTyped, Perhaps, Village, find, village


class NoSuchVillage(Refusal):
    """The office has no village of this name.  Facts: ``name``."""


class VillageNotSure(NoSuchVillage):
    """Which village is meant is not sure.  Facts: ``name``; ``likely``: titles with their kecamatan."""


async def add(village_name: str, head: str, now: datetime) -> tuple[Staff, str]:
    """A new head of this village, and the one-time code that binds a chat to them.

    Raises: NoSuchVillage, VillageNotSure.
    """
    return await staff.add(head, Role.VILLAGE_HEAD, now, one_called(village_name).code)


def one_called(name: str) -> Village:
    """Raises: NoSuchVillage, VillageNotSure."""
    match find(name):
        case Found(found):
            return found
        case Perhaps(likely) | KecamatanTyped(_, likely):
            titles = [f"{one.title} (Kec. {one.kecamatan_name})" for one in likely]
            raise VillageNotSure(name=name, likely=titles)
    raise NoSuchVillage(name=name)


async def listing() -> list[Staff]:
    """The heads of all villages, by name."""
    return [one for one in await staff.listing() if one.role is Role.VILLAGE_HEAD]


def village_of(head: Staff) -> Village:
    return village(head.village_code or "")
