"""What a step of somebody else's bot has said, until it is kept.

Such a bot may ask the network in the middle of a step, so no transaction stands open meanwhile.  What it says
is kept together with its states at the end of the step; sooner where the step takes its time, for people want
to read "please wait" while they wait.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from bot.outbox_ids import OutboxIds
from models.database import AWAY, rows, transaction

log = structlog.get_logger(__name__)

PATIENCE = 0.3  # seconds that a sentence waits for the end of its step

_INSERT = """
INSERT INTO outbox (id, office_id, contact_id, channel, account, kind, key, name, payload, subject, state,
                    due_at, expires_at, attempts, receipt, created_at, degree)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, $12, 0, 0, $13, $14)
ON CONFLICT (key) DO NOTHING
"""
_KEY, _NAME, _PAYLOAD = 5, 6, 7  # where they stand among the values of a row


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    values: Sequence[Any]


class Unsaid:
    """``again``: the step ran before, and some of it may have been kept then; it is not said twice.

    ``on_kept`` is called when something was kept before the end.
    """

    def __init__(
        self, event_id: int, numbers: OutboxIds, on_kept: Callable[[], None], *, again: bool
    ) -> None:
        self._event_id = event_id
        self._numbers = numbers
        self._on_kept = on_kept
        self._again = again
        self._before: dict[str, int] | None = None
        self._waiting: list[_Row] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def say(self, values: Sequence[Any]) -> int:
        """The id of the row that will hold ``values`` (those of ``outbox._INSERT``)."""
        self._count += 1
        told = hashlib.sha256(f"{values[_NAME]}\n{values[_PAYLOAD]}".encode()).hexdigest()[:16]
        key = f"step:{self._event_id}:{self._count}:{told}"
        if self._again and key in (before := await self._kept_before()):
            return before[key]
        number = await self._numbers.next()
        self._waiting.append(_Row(number, [*values[:_KEY], key, *values[_KEY + 1 :]]))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience)
        return number

    async def keep(self) -> None:
        """Write what waits; inside a transaction.  Should that fail, it still waits."""
        await _write(self._waiting)

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
        waiting, self._waiting = self._waiting, []
        try:
            await transaction(lambda: _write(waiting))
        except AWAY as error:
            log.error("step.not_kept_early", inbox=self._event_id, error=type(error).__name__)
            self._waiting = [*waiting, *self._waiting]
        else:
            self._on_kept()

    async def _kept_before(self) -> dict[str, int]:
        if self._before is None:
            found = await rows("SELECT key, id FROM outbox WHERE key LIKE $1", [f"step:{self._event_id}:%"])
            self._before = {str(row["key"]): int(row["id"]) for row in found}
        return self._before


async def _write(waiting: Sequence[_Row]) -> None:
    for row in waiting:
        await rows(_INSERT, [row.id, *row.values])
