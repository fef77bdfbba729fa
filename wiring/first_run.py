"""The first start: nobody works here yet, so somebody gets a code."""

from datetime import datetime

from models.database import transaction
from models.staff import Role
from office import staff

NAME = "Operator pertama"


async def operator_code(now: datetime) -> list[str]:
    """What to print so that the first operator can begin; nothing once there is anyone at the desk."""

    async def first() -> str | None:
        if await staff.listing():
            return None
        _, code = await staff.add(NAME, Role.OPERATOR, now)
        return code

    code = await transaction(first)
    if code is None:
        return []
    return [
        "",
        f"  Kode operator, sekali pakai, berlaku 24 jam (one-time operator code):  {code}",
        f"  Buka /?new lalu ketik:  /masuk {code}",
        "",
    ]
