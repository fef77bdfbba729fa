"""Who may do what at the desk.  What the table does not grant is refused.

The functions of the office ask `must` themselves, so that no door leads around it.  Whose a request is,
`office.ownership` knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from models.contacts import Contact
from models.staff import Role, Staff
from office import audit
from office.refusal import Refusal

AWAKE: Final = timedelta(hours=12)  # after so long a silence a chat needs a new code


class Deed(StrEnum):
    QUEUE = "queue"  # who waits: shortened names and villages
    DOSSIER = "dossier"  # a request's facts and its papers
    NIK = "nik"  # a whole NIK, shown or entered
    TAKE = "take"  # and give back
    DECIDE = "decide"  # complete, in process, asked again, held, rejected
    SIGN_OFF = "sign_off"  # what was made leaves the office
    HAND_OVER = "hand_over"
    CLOSE = "close"
    WRITE = "write"  # to the citizen, or to colleagues
    QUESTIONS = "questions"  # read and answer
    CALLS = "calls"  # telephone numbers, and that somebody spoke to them
    RIGHTS = "rights"  # over one's own data: see to what somebody asked for
    RETAIN = "retain"  # keep a request from being forgotten, and let it go
    SEARCH = "search"  # requests by an exact NIK or telephone number: numbers and states, no names
    SENDERS = "senders"  # who sends for many, or more than a day takes
    AUDIT = "audit"  # who did what to which id: codes, no person; checked, and copied
    BREACHES = "breaches"  # their clocks, how many people and which fields, the notices' drafts: no person
    BROADCASTS = "broadcasts"  # what is said to everybody: seen, tried on oneself, stopped
    BROADCAST_DRAFT = "broadcast_draft"
    BROADCAST_CONFIRM = "broadcast_confirm"  # what somebody else has drafted
    TROUBLE = "trouble"  # to be told that messages get stuck: counts, no names
    VILLAGE = "village"  # hand in for the people of one's own village, from one's own chat


_LEADS: Final = frozenset({Deed.RETAIN, Deed.SENDERS, Deed.BREACHES, Deed.BROADCAST_CONFIRM})
_DESK: Final = frozenset(Deed) - {Deed.AUDIT, Deed.VILLAGE}

MAY: Final[Mapping[Role, frozenset[Deed]]] = {
    Role.OPERATOR: _DESK - _LEADS,
    Role.VERIFIER: frozenset(
        {Deed.QUEUE, Deed.DOSSIER, Deed.NIK, Deed.SEARCH, Deed.SIGN_OFF}
        | {Deed.BROADCASTS, Deed.BROADCAST_CONFIRM}
    ),
    Role.SUPERVISOR: _DESK,
    Role.HEAD: _DESK | {Deed.AUDIT},
    Role.ADMIN: frozenset({Deed.TROUBLE}),  # staff and channels, at the terminal; no personal data
    Role.AUDITOR: frozenset({Deed.AUDIT, Deed.BREACHES}),  # no personal data
    Role.VILLAGE_HEAD: frozenset({Deed.VILLAGE}),
}

SECOND: Final = frozenset({Role.VERIFIER, Role.SUPERVISOR, Role.HEAD})
"""Whose pair of eyes is the second: they sign off what others have done."""

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Denied(Refusal):
    """A person at the desk tried what they may not.  The audit is told by whoever catches it."""

    @property
    def about(self) -> str:
        """What it was tried on, as the audit calls it."""
        if (number := self.facts.get("number")) is not None:
            return f"queue:{number}"
        return f"deed:{self.facts.get('deed', 'any')}"


class NotAllowed(Denied):
    """The role does not include this, or the person has left.  Facts: ``role``, ``deed`` (codes)."""


class OwnMatter(Denied):
    """The request is their own: it was handed in from a chat of theirs.  Facts: ``number``."""


class OwnData(Denied):
    """They asked for it themselves: a colleague sees to it.  Facts: ``data_request``: its number."""

    @property
    def about(self) -> str:
        return f"data_right:{self.facts['data_request']}"


class SecondPersonNeeded(Denied):
    """Who has worked on a request does not sign it off.  Facts: ``number``."""


class BindingAsleep(Denied):
    """The chat was not used for `AWAKE`: a new code wakes it."""


class Forwarded(Denied):
    """Somebody else's words: a command is typed by whoever gives it."""


def may(staff: Staff, deed: Deed) -> bool:
    return staff.removed_at is None and deed in MAY.get(staff.role, frozenset())


def must(staff: Staff, deed: Deed) -> None:
    """Raises: NotAllowed."""
    if not may(staff, deed):
        raise NotAllowed(role=staff.role.value, deed=deed.value)


def roles_that_may(deed: Deed) -> tuple[Role, ...]:
    return tuple(role for role, deeds in MAY.items() if deed in deeds)


async def note_denied(denied: Denied, staff: Staff, now: datetime) -> None:
    """Outside the savepoint that the refusal has undone."""
    await _note(denied, f"staff:{staff.id}", now)


async def note_denied_chat(denied: Denied, contact: Contact, now: datetime) -> None:
    """Of somebody who may have been staff, and is not any more."""
    await _note(denied, f"contact:{contact.id}", now)


async def _note(denied: Denied, actor: str, now: datetime) -> None:
    reason = _WORD.sub("_", denied.code).lower()
    await audit.note(actor, "refused", denied.about, now, reason=reason)
