"""Village heads, from the terminal.  Codes and removal are as for anybody at the desk: ``operator``."""

from datetime import datetime
from typing import Any

import cyclopts

from wiring.verbs.desk import at_a_desk

village = cyclopts.App(name="village", help="The heads of villages, who hand in for their people.")


@village.command(name="add")
def village_add(name: str, *, head: str, office: int | None = None) -> int:
    """A new head of one of the office's villages; prints a one-time code for chat.

    ``--head``: who it is.  ``--office``: whose, by its number.
    """
    from office import village_heads

    async def add(now: datetime) -> str:
        person, code = await village_heads.add(name, head, now)
        return f"{_line_of(person)}\nKode sekali pakai, berlaku 10 menit (one-time code):  /masuk {code}"

    return at_a_desk(office, add, str)


@village.command(name="list")
def village_list(*, office: int | None = None) -> int:
    """Every village head, with the village.  ``operator code`` and ``operator remove`` take their names."""
    from office import village_heads

    return at_a_desk(office, lambda _: village_heads.listing(), lambda heads: "\n".join(map(_line_of, heads)))


def _line_of(person: Any) -> str:
    from office.village_heads import village_of

    home = village_of(person)
    return f"{person.id}  {person.name}  {home.title} (Kec. {home.kecamatan_name})"
