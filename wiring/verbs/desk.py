"""The people at the desk, and what is done there from the terminal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import cyclopts

from wiring.terminal import CHECK_FAILED, DONE, complain, light, prepared, run_verb, say

operator = cyclopts.App(name="operator", help="The people at the desk.")

StaffRole = Literal["operator", "verifier", "supervisor", "head", "admin", "auditor"]


@operator.command(name="add")
def operator_add(name: str, *, role: StaffRole, office: int | None = None) -> int:
    """A new member of staff; prints a one-time code for chat and a one-time link for the console.

    ``--office``: whose, by its number.
    """
    from models.staff import Role
    from office import console_accounts, staff

    async def add(now: datetime) -> str:
        person, code = await staff.add(name, Role(role), now)
        return _ways_in(person, code, await console_accounts.new_link(person, now))

    return at_a_desk(office, add, str)


@operator.command(name="code")
def operator_code(name: str, *, console: bool = False, office: int | None = None) -> int:
    """A fresh one-time code for somebody (name or number) at the desk; one not used before is void.

    Who has no way into the console yet gets a fresh link, too.  ``--console``: also who has one; it ends at
    once, with its sessions.  A village head has none.
    """
    from models.staff import Role
    from office import console_accounts, staff

    async def renew(now: datetime) -> str:
        person, code = await staff.renew_code(name, now)
        if person.role is Role.VILLAGE_HEAD:
            return _ways_in(person, code)
        if await console_accounts.has_one(person) and not console:
            return _ways_in(person, code)
        return _ways_in(person, code, await console_accounts.new_link(person, now))

    return at_a_desk(office, renew, str)


@operator.command(name="list")
def operator_list(*, office: int | None = None) -> int:
    """Everybody at the desk; village heads stand in ``village list``."""
    from office import staff

    return at_a_desk(office, lambda _: staff.at_the_desk(), lambda people: "\n".join(map(_line_of, people)))


@operator.command(name="remove")
def operator_remove(name: str, *, office: int | None = None) -> int:
    """Take a person (name or number) off the desk; chats, codes and sessions of theirs die."""
    from office import staff

    return at_a_desk(
        office, lambda now: staff.remove(name, now), lambda person: f"{person.id}  {person.name}"
    )


def _line_of(person: Any) -> str:
    return f"{person.id}  {person.name}  {person.role}"


def _ways_in(person: Any, code: str, link: str = "") -> str:
    lines = [_line_of(person)]
    if link:
        lines.append(f"Meja petugas, sekali pakai, berlaku 24 jam (one-time link):  {link}")
    lines.append(f"Kode sekali pakai, berlaku 10 menit (one-time code):  /masuk {code}")
    return "\n".join(lines)


def at_a_desk(office: int | None, work: Callable[[datetime], Any], told: Callable[[Any], str]) -> int:
    """Do it in one transaction, and say it."""
    light()
    from office.refusal import Refusal
    from wiring.desk import at_the_desk, in_words

    settings = prepared()

    async def run() -> int:
        async with at_the_desk(settings, office) as desk:
            try:
                outcome = told(await desk(work))
            except Refusal as refusal:
                complain(in_words(refusal))
                return CHECK_FAILED
        if outcome:
            say(outcome)
        return DONE

    return run_verb(run())
