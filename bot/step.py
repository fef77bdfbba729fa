"""The step being handled: one person, one transaction, and what it gathers before it commits."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from bot.choices import Choice, Shown
from bot.unsaid import Unsaid
from models.contacts import Contact
from models.inbox import InboxEvent

_current: ContextVar["Step | None"] = ContextVar("step", default=None)


@dataclass(slots=True)
class FsmEntry:
    state: str | None
    data: dict[str, Any]
    changed: bool = False


@dataclass(slots=True)
class Step:
    """``chat_id``: the person's, as handlers see it; ``contact`` and ``events``: they, and what they did.
    ``office_id``: whose matter it is; 0 where nobody said.

    ``fsm``: what was read, to be written once.  ``shown``: the last keyboard, if any was.

    ``owners_changed``: addresses have gone from one contact to another.  ``unsaid``: what a foreign bot says,
    until it is kept (None: every row is written at once).  ``over``: a task that the step left behind has no
    step any more.
    """

    contact_id: int
    channel: str
    account: str = ""
    chat_id: int = 0
    office_id: int = 0
    contact: Contact | None = None
    events: Sequence[InboxEvent] = ()
    fsm: dict[str, FsmEntry] = field(default_factory=dict)
    shown: Shown | None = None
    owners_changed: bool = False
    unsaid: Unsaid | None = None
    over: bool = False

    def shows(self, message_id: int, choices: Sequence[Choice], *, numbered: bool) -> None:
        self.shown = Shown(message_id, list(choices), numbered)


def current() -> Step | None:
    """The step of this task, or None outside any and after its end."""
    step = _current.get()
    return None if step is None or step.over else step


def enter(step: Step | None) -> None:
    """Make ``step`` the current one of this task (tasks of transactions end with it); None: leave it."""
    _current.set(step)
