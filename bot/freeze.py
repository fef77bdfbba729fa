"""A restored copy says nothing until a person releases it, and never by itself what may have been said.

Between the backup and the restore the original went on sending.  So of everything that waited when the backup
was taken, and of all that follows from events which it had not finished then, we do not know whether people
have it: such rows become `unknown` with the failure `DOUBTFUL`, which staff see and a provider's receipt
settles.  Delivery claims nothing while a row of ``freezes`` is not released; see `bot.claims`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.queryset import QuerySet

from models.outbox import Freeze, OutboxMessage, OutboxState

DOUBTFUL = "restored"
DOUBTFUL_SENDING = "restored_sending"  # its bytes may have left before the backup was taken

_SETTLED_BY_A_RECEIPT = """
UPDATE outbox SET state = 'sent', sent_at = '{now}', token = NULL, lease_until = NULL
WHERE state = 'sending' AND receipt IN (1, 3, 4)
"""
_WAITED = """
UPDATE outbox SET state = 'unknown', failure = '{failure}', token = NULL, lease_until = NULL
WHERE state IN ({states}) AND channel NOT IN ({idempotent})
"""
_NAMED_ELSEWHERE = "UPDATE outbox SET unknown_at = NULL WHERE state = 'unknown'"  # to the original, if at all
_SHOWN_ONCE = """
UPDATE outbox SET state = 'queued', token = NULL, lease_until = NULL WHERE state IN ('claimed', 'sending')
"""
_NOBODY_WORKS = (
    "UPDATE workers SET lease_until = '{taken_at}'",  # who worked on the original does not on the copy
    "UPDATE partitions SET worker = NULL, lease_until = NULL",
)
_FREEZE = "INSERT INTO freezes (taken_at, restored_at) VALUES ('{taken_at}', '{now}')"


class NotFrozen(Exception):
    """There is nothing to release."""


class NotSettled(Exception):
    """The copy has to be started first: what the original had not finished is not known yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of the outbox.  ``queued`` go out at the release, ``doubtful`` stay."""

    queued: int
    doubtful: int


def statements(*, taken_at: datetime, now: datetime, idempotent: Collection[str]) -> Sequence[str]:
    """What a restore does to the rows before anybody reads them; the same SQL on both engines."""
    values = {"taken_at": _moment(taken_at), "now": _moment(now)}
    shown_once = ", ".join(f"'{channel}'" for channel in (*sorted(idempotent), ""))
    return (
        _SETTLED_BY_A_RECEIPT.format(**values),
        _NAMED_ELSEWHERE,
        _WAITED.format(failure=DOUBTFUL, states="'queued', 'claimed'", idempotent=shown_once),
        _WAITED.format(failure=DOUBTFUL_SENDING, states="'sending'", idempotent=shown_once),
        _SHOWN_ONCE,
        *(statement.format(**values) for statement in _NOBODY_WORKS),
        _FREEZE.format(**values),
    )


def _moment(moment: datetime) -> str:
    """As both engines keep it."""
    return moment.astimezone(UTC).isoformat(" ")


async def frozen() -> Freeze | None:
    """The restore that nobody has released yet."""
    return await Freeze.filter(released_at=None).order_by("-id").first()


async def settle(now: datetime) -> None:
    """What the copy has said so far, the original may have said; inside a transaction."""
    for freeze in await Freeze.filter(settled_at=None):
        said_here = OutboxMessage.filter(state=OutboxState.QUEUED, created_at__gte=freeze.restored_at)
        await said_here.update(state=OutboxState.UNKNOWN, failure=DOUBTFUL)
        await Freeze.filter(id=freeze.id).update(settled_at=now)


async def release(now: datetime, *, also_doubtful: bool = False) -> Waiting:
    """Let what waits go out; inside a transaction.  What is left as doubtful is counted.

    ``also_doubtful``: somebody knows that the original has sent nothing since the backup.
    Raises: NotFrozen, NotSettled.
    """
    if await Freeze.filter(released_at=None, settled_at=None).exists():
        raise NotSettled
    if not await Freeze.filter(released_at=None).update(released_at=now):
        raise NotFrozen
    if also_doubtful:
        await doubtful().filter(failure=DOUBTFUL).update(state=OutboxState.QUEUED, failure=None)
    return await waiting()


async def waiting() -> Waiting:
    """What a release would let go, and what it would leave."""
    queued = await OutboxMessage.filter(state=OutboxState.QUEUED).count()
    return Waiting(queued=queued, doubtful=await doubtful().count())


def doubtful() -> QuerySet[OutboxMessage]:
    """Rows that the original may have sent, and that no receipt has settled."""
    return OutboxMessage.filter(state=OutboxState.UNKNOWN, failure__in=(DOUBTFUL, DOUBTFUL_SENDING))
