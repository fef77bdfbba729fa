"""The first start: nobody works here yet, so somebody gets a code."""

from datetime import datetime

from models.database import transaction
from models.staff import Role
from office import staff
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
    """For this office's first operator; a fresh code at each start until one was used."""

    async def first() -> str | None:
        here = await staff.listing()
        if not here:
            _, code = await staff.add(NAME, Role.OPERATOR, now)
            return code
        alone = len(here) == 1 and here[0].name == NAME
        return await staff.new_binding_code(here[0], now) if alone and not await staff.any_bound() else None

    code = await transaction(first)
    if code is None:
        return []
    return [
        "",
        f"  Kode operator, sekali pakai, berlaku 10 menit (one-time operator code):  {code}",
        f"  Buka /?new lalu ketik:  /masuk {code}",
        "",
    ]
