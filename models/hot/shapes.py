"""What goes into a hot write and comes out of a hot read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Final, Protocol

from models.contacts import Contact

LAST: Final = 2**63 - 1  # the highest id

State = tuple[str | None, str]  # aiogram's state, and the data as JSON
Place = tuple[int, str, str]  # office, channel, account


class Verdict(Enum):
    """What became of a turn."""

    KEPT = auto()
    SEEN = auto()  # its event was here before: nothing of the turn happened
    OVERTAKEN = auto()  # somebody else moved the conversation meanwhile: nothing happened, handle it anew


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose conversation, and the FSM keys that its step will probably ask for.

    ``before``: the id of the event, where it is stored already; no later one counts as unhandled.
    """

    office_id: int
    contact_id: int
    channel: str
    account: str
    keys: tuple[str, ...] = ()
    before: int = LAST


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation as it stands, in one read.

    ``turn`` counts its steps (0: none was made yet).  ``unhandled``: something of the person's waits for its
    step, ``unsent``: so many messages to them here
    are not sent.  ``states``: of the keys asked for, those that exist.
    """

    contact: Contact
    talk_id: int | None
    turn: int
    choices: str
    in_doubt: bool
    unhandled: bool
    unsent: int
    states: dict[str, State]


@dataclass(frozen=True, slots=True)
class Row:
    """A message to be said, to whom and where: a row of the outbox, under an id that was taken before.

    ``state``: queued, or sending with ``token`` and ``lease_until`` where it leaves the moment it is kept, or
    claimed where it leaves behind one that does.
    """

    id: int
    office_id: int
    contact_id: int
    channel: str
    account: str
    name: str
    payload: str
    degree: str | None
    key: str | None
    created_at: datetime
    state: str = "queued"
    token: str | None = None
    lease_until: datetime | None = None


@dataclass(slots=True)
class Turn:
    """One event with all that its step caused; ``id`` is the inbox row's, taken before.

    ``stored``: the row is there already, by `Stored`.  ``turn``: the conversation's when the step began.
    ``newcomer``: their addresses (kind, value), where the contact is made here, under its id.  ``changed``:
    FSM keys to what they are now (None: gone).  ``choices``: the buttons shown, None where none were.
    """

    id: int
    office_id: int
    contact_id: int
    channel: str
    account: str
    external_id: str
    kind: str
    body: str
    sent_at: datetime | None
    received_at: datetime
    turn: int = 0
    stored: bool = False
    state: str = "done"
    error: str | None = None
    open_until: datetime | None = None
    choices: str | None = None
    name: str = ""
    newcomer: Sequence[tuple[str, str]] = ()
    changed: dict[str, State | None] = field(default_factory=dict)
    said: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that is kept to be handled: its step takes longer than its provider should wait."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Begun:
    """The intent to send a row that ``token`` has claimed."""

    id: int
    office_id: int
    token: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A provider's yes to a row that ``token`` held."""

    id: int
    office_id: int
    token: str
    external_id: str | None
    sent_as: str
    at: datetime


Item = Turn | Stored | Begun | Sent


class HotStore(Protocol):
    """Raises what the database raises; a write that raised has changed nothing."""

    async def standing(self, ask: Ask) -> Standing | None:
        """None where the contact is unknown."""

    async def owners(self, place: Place, addresses: Sequence[tuple[str, str]]) -> list[int]:
        """The contacts that have any of these addresses (kind, value), by the addresses' order."""

    async def state(self, key: str, office_id: int) -> State | None: ...

    async def write(self, items: Sequence[Item]) -> list[Verdict]:
        """All of them in one transaction.

        `Verdict.OVERTAKEN` for a row that its token no longer holds.
        """

    def close(self) -> None: ...
