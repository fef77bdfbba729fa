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
    """A new member of staff; prints a one-time code for chat.  ``--office``: whose, by its number."""
    from models.staff import Role
    from office import staff

    return at_a_desk(office, lambda now: staff.add(name, Role(role), now), _code_of)


@operator.command(name="code")
def operator_code(name: str, *, office: int | None = None) -> int:
    """A fresh one-time code for somebody (name or number) at the desk; one not used before is void."""
    from office import staff

    return at_a_desk(office, lambda now: staff.renew_code(name, now), _code_of)


@operator.command(name="list")
def operator_list(*, office: int | None = None) -> int:
    """Everybody at the desk."""
    from office import staff

    return at_a_desk(office, lambda _: staff.listing(), lambda people: "\n".join(map(_line_of, people)))


@operator.command(name="remove")
def operator_remove(name: str, *, office: int | None = None) -> int:
    """Take a person (name or number) off the desk; chats and codes of theirs die."""
    from office import staff

    return at_a_desk(
        office, lambda now: staff.remove(name, now), lambda person: f"{person.id}  {person.name}"
    )


def _line_of(person: Any) -> str:
    return f"{person.id}  {person.name}  {person.role}"


def _code_of(added: Any) -> str:
    person, code = added
    return f"{_line_of(person)}\nKode sekali pakai, berlaku 10 menit (one-time code):  /masuk {code}"


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
