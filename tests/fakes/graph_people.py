"""The people behind a WhatsApp number, and when each last wrote: the 24 hours that opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)


@dataclass(slots=True)
class Person:
    """``wa_id`` is empty when the person hides the number, ``bsuid`` when there is none."""

    wa_id: str = ""
    bsuid: str = ""
    name: str = ""
    wrote_at: datetime | None = None
    reachable: bool = True  # False: not on WhatsApp, or has blocked us (131026)
    takes_marketing: bool = True  # False: 131050
    inbound_ids: dict[str, datetime] = field(default_factory=dict)  # what they wrote, and when
    outbound_ids: set[str] = field(default_factory=set)  # what we wrote to them

    @property
    def key(self) -> str:
        """How the ledger names this person."""
        return self.wa_id or self.bsuid

    def window_open(self, now: datetime) -> bool:
        return self.wrote_at is not None and now - self.wrote_at < WINDOW

    def knows(self, message_id: str) -> bool:
        """Whether the message stands in the conversation with this person."""
        return message_id in self.inbound_ids or message_id in self.outbound_ids


class People:
    """Everybody Meta knows, by number and by business-scoped id; any number written to is on WhatsApp."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], Person] = {}

    def meet(self, *, wa_id: str = "", bsuid: str = "", name: str = "") -> Person:
        """The person of this number or id, made on first sight."""
        known = self._by.get(("phone", wa_id)) if wa_id else None
        known = known or (self._by.get(("bsuid", bsuid)) if bsuid else None)
        person = known or Person()
        person.wa_id, person.bsuid = wa_id or person.wa_id, bsuid or person.bsuid
        person.name = name or person.name
        for kind, value in (("phone", person.wa_id), ("bsuid", person.bsuid)):
            if value:
                self._by[kind, value] = person
        return person

    def move(self, person: Person, *, wa_id: str, bsuid: str) -> None:
        """The person has another number, another id, or both; the old ones are nobody's."""
        for known in [place for place, one in self._by.items() if one is person]:
            del self._by[known]
        person.wa_id, person.bsuid = wa_id, bsuid
        for kind, value in (("phone", wa_id), ("bsuid", bsuid)):
            if value:
                self._by[kind, value] = person

    def find(self, kind: str, value: str) -> Person | None:
        return self._by.get((kind, value))

    def author_of(self, message_id: str) -> Person | None:
        """Who wrote the message with this id to us."""
        return next((one for one in self._by.values() if message_id in one.inbound_ids), None)
