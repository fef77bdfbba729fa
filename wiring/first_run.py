"""The first start: nobody works here yet, so somebody gets a code."""

from datetime import datetime
from functools import partial

from models.database import transaction
from models.staff import Role
from office import console_accounts, staff
from office.context import at_office, offices

NAME = "Operator pertama"


async def operator_codes(now: datetime) -> list[str]:
    """What to print so that each office's first operator can begin; see `operator_code`."""
    lines: list[str] = []
    for here in offices():
        with at_office(here.office_id):
            told = await operator_code(now)
        if told and len(offices()) > 1:
            told.insert(1, f"  {here.office.short_name.id} ({here.office_id})  {here.public_url}/")
        lines += told
    return lines


async def operator_code(now: datetime) -> list[str]:
    """For this office's first operator; a fresh code and link at each start until one was used."""
    found = await transaction(partial(_first, now))
    if found is None:
        return []
    code, link = found
    return [
        "",
        f"  Kode operator, sekali pakai, berlaku 10 menit (one-time operator code):  {code}",
        f"  Buka /?new lalu ketik:  /masuk {code}",
        f"  Meja petugas (staff desk), sekali pakai, 24 jam:  {link}",
        "",
    ]


async def _first(now: datetime) -> tuple[str, str] | None:
    here = await staff.at_the_desk()
    if not here:
        person, code = await staff.add(NAME, Role.OPERATOR, now)
        return code, await console_accounts.new_link(person, now)
    (person, *others) = here
    used = person.name != NAME or await staff.any_bound() or await console_accounts.has_one(person)
    if others or used:
        return None
    return await staff.new_binding_code(person, now), await console_accounts.new_link(person, now)
