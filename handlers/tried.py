"""A command of the desk or of a village head, tried by anybody else: answered as unknown, and audited."""

from datetime import datetime

from handlers.operator.commands import DEEDS, canonical
from handlers.village_commands import DEEDS as VILLAGES
from models.contacts import Contact
from office import audit
from office.lifecycle import by_contact


async def note_tried(text: str | None, contact: Contact, now: datetime, *, reason: str) -> None:
    """Nothing where the text is no command that a role has to include."""
    first = (text or "").split(maxsplit=1)[:1]
    name = canonical(first[0].removeprefix("/").split("@")[0]) if first and first[0].startswith("/") else ""
    if (DEEDS.get(name) or VILLAGES.get(name)) is not None:
        await audit.note(by_contact(contact), "refused", f"command:{name}", now, reason=reason)
