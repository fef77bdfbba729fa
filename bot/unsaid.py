"""What a step of somebody else's bot has said, until it is kept.

Such a bot may ask the network in the middle of a step, so no transaction stands open meanwhile.  What it says
is kept together with its states at the end of the step; sooner where the step takes its time, for people want
to read "please wait" while they wait.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from bot import ids
from bot.numbers import Numbers
from models.database import AWAY, rows, transaction
from models.hot import Row
from models.offices import and_here
from models.outbox import sealed_payload

log = structlog.get_logger(__name__)

PATIENCE = 0.3  # seconds that a sentence waits for the end of its step

_INSERT = """
INSERT INTO outbox (id, office_id, contact_id, channel, account, kind, key, name, payload, subject, state,
                    due_at, expires_at, attempts, receipt, created_at, degree)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, $12, 0, 0, $13, $14)
ON CONFLICT (key) DO NOTHING
"""
_KEPT = "SELECT key, id FROM outbox WHERE key LIKE $1"
_OFFICE, _CONTACT, _CHANNEL, _ACCOUNT = range(4)  # of a row
_KEY, _NAME, _PAYLOAD, _CREATED, _DEGREE = 5, 6, 7, 11, 12


@dataclass(frozen=True, slots=True)
class _Said:
    """``place``: the how manieth of its step."""

    id: int
    place: int
    values: Sequence[Any]


class Unsaid:
    """``again``: the step ran before, and some of it may have been kept then; it is not said twice.

    ``on_kept`` is called when something was kept before the end.
    """

    def __init__(self, event_id: int, numbers: Numbers, on_kept: Callable[[], None], *, again: bool) -> None:
        self._event_id = event_id
        self._numbers = numbers
        self._on_kept = on_kept
        self._again = again
        self.may_keep_early: Callable[[], Awaitable[bool]] = _always  # the event itself has to be kept first
        self._before: dict[str, int] | None = None
        self._waiting: list[_Said] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def say(self, values: Sequence[Any]) -> int:
        """The id of the row that will hold ``values`` (those of ``outbox._INSERT``)."""
        self._count += 1
        if self._again and (before := await self._kept_before()):
            known = before.get(self._key(self._count, values))
            if known is not None:
                return known
        number = await self._numbers.next()
        self._waiting.append(_Said(number, self._count, values))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience)
        return number

    async def keep(self) -> None:
        """Write what waits; inside the transaction that ends the step.  Should that fail, it still waits."""
        await _write((row.id, row.values) for row in self._waiting)

    def rest(self) -> list[Row]:
        """What waits, for whoever writes it with the end of the step."""
        return [
            Row(
                id=row.id,
                office_id=row.values[_OFFICE],
                contact_id=row.values[_CONTACT],
                channel=row.values[_CHANNEL],
                account=row.values[_ACCOUNT],
                name=row.values[_NAME],
                payload=row.values[_PAYLOAD],
                degree=row.values[_DEGREE],
                key=None,
                created_at=row.values[_CREATED],
            )
            for row in self._waiting
        ]

    async def hurry(self, message_id: int) -> None:
        """Keep now what waits, where some of it is this message or changes it, so that it can be read."""
        outbox, names_it = ids.outbox_id(message_id), f'"message_id":{message_id}'
        if any(row.id == outbox or names_it in row.values[_PAYLOAD] for row in self._waiting):
            if self._timer is not None:
                self._timer.cancel()
            self._lose_patience()
        if self._keeping is not None:
            await self._keeping

    async def settle(self) -> None:
        """The step is over: nothing is kept behind its back any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._keeping is not None:
            await self._keeping

    def _lose_patience(self) -> None:
        self._timer = None
        self._keeping = asyncio.create_task(self._keep_early(self._keeping))

    async def _keep_early(self, earlier: "asyncio.Task[None] | None") -> None:
        if earlier is not None:
            await earlier
        if not await self.may_keep_early():
            return
        waiting, self._waiting = self._waiting, []
        try:
            keyed = [(row.id, self._keyed(row)) for row in waiting]
            await transaction(lambda: _write(keyed))
        except AWAY as error:
            log.error("step.not_kept_early", inbox=self._event_id, error=type(error).__name__)
            self._waiting = [*waiting, *self._waiting]
        else:
            self._on_kept()

    def _keyed(self, row: _Said) -> list[Any]:
        """Kept before its step has ended: should that run again, the key says what was said already."""
        return [*row.values[:_KEY], self._key(row.place, row.values), *row.values[_KEY + 1 :]]

    def _key(self, place: int, values: Sequence[Any]) -> str:
        told = hashlib.sha256(f"{values[_NAME]}\n{values[_PAYLOAD]}".encode()).hexdigest()[:16]
        return f"step:{self._event_id}:{place}:{told}"

    async def _kept_before(self) -> dict[str, int]:
        if self._before is None:
            found = await rows(_KEPT + and_here(), [f"step:{self._event_id}:%"])
            self._before = {str(row["key"]): int(row["id"]) for row in found}
        return self._before


async def _always() -> bool:
    return True


async def _write(waiting: Iterable[tuple[int, Sequence[Any]]]) -> None:
    for ident, values in waiting:
        await rows(_INSERT, [ident, *sealed(values)])


def sealed(values: Sequence[Any]) -> list[Any]:
    """The values of a row of the outbox as they are written."""
    about = [values[place] for place in (_OFFICE, _KEY, _NAME, _CREATED, _PAYLOAD)]
    return [*values[:_PAYLOAD], sealed_payload(*about), *values[_PAYLOAD + 1 :]]
