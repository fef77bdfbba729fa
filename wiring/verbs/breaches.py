"""A failure to protect personal data: its clock, the people, the notices."""

from datetime import datetime
from pathlib import Path
from typing import Any

import cyclopts

from wiring.terminal import WRONG_USAGE, complain
from wiring.verbs.desk import at_a_desk

breach = cyclopts.App(name="breach", help="A failure to protect personal data: clock, people, notices.")


@breach.command(name="open")
def breach_open(reason: str, *, since: datetime, office: int | None = None) -> int:
    """Start the clock of 3 × 24 hours and stop the purge.  ``--since`` (ISO, with a zone): when it began."""
    from office import breaches
    from wiring.breach import line_of

    if since.tzinfo is None:
        complain("--since lacks a zone, such as +08:00.")
        return WRONG_USAGE
    return at_a_desk(office, lambda now: breaches.open_(reason, since, now), line_of)


@breach.command(name="list")
def breach_list(*, office: int | None = None) -> int:
    """Every breach, the latest first."""
    from office import breaches
    from wiring.breach import line_of

    return at_a_desk(
        office,
        lambda _: breaches.listing(),
        lambda found: "\n".join(map(line_of, found)) or "There is no breach.",
    )


@breach.command(name="report")
def breach_report(number: int, folder: Path, *, everybody: bool = False, office: int | None = None) -> int:
    """Write into a new FOLDER whom it concerns and both notices, as drafts for a person to read over.

    ``--everybody``: the database itself may have been read, not only what staff's accounts opened.
    """
    from office import breaches
    from wiring.breach import write_report

    if folder.exists():
        complain(f"{folder} is there already; the report goes into a new folder.")
        return WRONG_USAGE

    async def write(_: datetime) -> Any:
        return await write_report(await breaches.numbered(number), folder, everybody=everybody)

    return at_a_desk(office, write, lambda people: f"{len(people)} people; list and drafts in {folder}")


@breach.command(name="close")
def breach_close(number: int, *, office: int | None = None) -> int:
    """The notices went out: the purge goes on."""
    from office import breaches
    from wiring.breach import line_of

    return at_a_desk(office, lambda now: breaches.close(number, now), line_of)
