"""The people of a Page: whom it can write to, until when, and what they wrote under its posts.

Source: Meta, Messenger Platform, "Policy" (28 Sep 2026), "Private Replies" (16 Apr 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.ledger import Sent

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
REPLY_WITHIN = timedelta(days=7)


@dataclass(slots=True)
class Person:
    """Somebody by the id that this Page knows them by (PSID).

    ``in_thread``: there is a conversation, so the Page may name the person by PSID. ``refuses``: the refusal
    (a name in `messenger_errors.WORDS`) of every send, because the person blocked the Page or is gone.
    ``has_control``: the app that holds the conversation; empty: the office's own.
    """

    psid: str
    name: str = ""
    in_thread: bool = False
    acted_at: datetime | None = None
    refuses: str = ""
    has_profile: bool = True
    has_control: str = ""
    mids: set[str] = field(default_factory=set)
    told: list[Sent] = field(default_factory=list)

    def may_be_written_to(self, now: datetime, within: timedelta = WINDOW) -> bool:
        return self.acted_at is not None and now - self.acted_at < within


@dataclass(slots=True)
class Comment:
    """Something written under a post of the Page."""

    id: str
    post_id: str
    author: Person
    at: datetime
    text: str
    replied: bool = False


class People:
    def __init__(self) -> None:
        self._by: dict[str, Person] = {}
        self.comments: dict[str, Comment] = {}

    def meet(self, psid: str, name: str = "") -> Person:
        """The person of this PSID, made on first sight; not yet somebody the Page can write to."""
        person = self._by.setdefault(psid, Person(psid))
        person.name = name or person.name
        return person

    def find(self, psid: str) -> Person | None:
        """Somebody the Page has a conversation with."""
        person = self._by.get(psid)
        return person if person and person.in_thread else None

    def acted(self, person: Person, at: datetime) -> None:
        """A message, a postback or a reaction: there is a conversation, and its window opens."""
        person.in_thread = True
        person.acted_at = max(at, person.acted_at or at)

    def commented(self, comment: Comment) -> None:
        """A comment opens the window of a conversation that there is; it does not begin one."""
        self.comments[comment.id] = comment
        if comment.author.acted_at is not None:
            self.acted(comment.author, comment.at)
