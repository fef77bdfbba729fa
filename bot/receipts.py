"""What providers say about our messages afterwards: taken, arrived, seen, failed.

Receipts come late, twice, in any order, and before the answer to the send itself.  They only ever raise what
we know, and they settle what was `unknown`.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot import early, silence
from bot.channels.base import Fault, ProviderReceipt
from bot.directory import doubt
from bot.wording import tried
from models.contacts import Conversation
from models.outbox import OutboxKind, OutboxMessage, OutboxState, Receipt

_UNDER_WAY = (OutboxState.CLAIMED, OutboxState.SENDING)
_OPEN_TO_DOUBT = (
    OutboxState.UNKNOWN,
    OutboxState.FAILED,
    OutboxState.EXPIRED,
)  # EXPIRED: perhaps sent before
log = structlog.get_logger(__name__)


async def apply(
    receipts: Sequence[ProviderReceipt],
    channel: str,
    account: str,
    *,
    contact_id: int | None = None,
    office_id: int = 0,
    now: datetime,
) -> None:
    """Record the receipts; inside a transaction.  One for a message that we do not know is kept for a day.

    ``contact_id``: whose watermarks they are.
    """
    for receipt in receipts:
        if receipt.until is not None:
            await _raise_all(receipt, channel, account, contact_id)
            continue
        row = await _named(receipt, channel, account)
        if row is not None:
            await silence.broken_by(row, now)
        row = row or await _known(receipt, channel, account)
        if row is None or (receipt.receipt is Receipt.FAILED and row.state in _UNDER_WAY):
            await _keep(receipt, (channel, account), row, office_id, now)
        else:
            await _raise_to(row, receipt, now)


async def apply_early(name: early.Name, now: datetime) -> None:
    """What was said of a message before its send was written down; inside the transaction that writes it."""
    channel, account, _ = name
    await apply(await early.take(name), channel, account, now=now)


async def settle_early(now: datetime) -> int:
    """What was kept of messages that are known by now, and forget what is too old.  Gives how many."""
    found = await early.take_answered()
    for (channel, account, _), receipt in found:
        await apply([receipt], channel, account, now=now)
    return len(found) + await early.forget(now)


async def _keep(
    receipt: ProviderReceipt,
    place: tuple[str, str],
    row: OutboxMessage | None,
    office_id: int,
    now: datetime,
) -> None:
    """Not ours as far as we know, or of a send whose answer is still to come: then that is heard first."""
    if receipt.external_id is None:
        log.info("receipt.stranger", channel=place[0])
        return
    outbox_id = row.id if row is not None else None
    await early.keep(receipt, (*place, receipt.external_id[:255]), outbox_id, office_id=office_id, now=now)


async def _raise_all(receipt: ProviderReceipt, channel: str, account: str, contact_id: int | None) -> None:
    """A watermark: everything that was sent to this person until then."""
    if contact_id is None:
        return
    await OutboxMessage.filter(
        contact_id=contact_id,
        channel=channel,
        account=account,
        state=OutboxState.SENT,
        sent_at__lte=receipt.until,
        receipt__lt=receipt.receipt,
    ).update(receipt=receipt.receipt)


async def _named(receipt: ProviderReceipt, channel: str, account: str) -> OutboxMessage | None:
    """By the tag that we sent along."""
    if receipt.tag is None or not (receipt.tag.isascii() and receipt.tag.isdigit()):
        return None
    return await OutboxMessage.get_or_none(id=int(receipt.tag[:18]), channel=channel, account=account)


async def _known(receipt: ProviderReceipt, channel: str, account: str) -> OutboxMessage | None:
    """By the platform's own id."""
    if receipt.external_id is None:
        return None
    return await OutboxMessage.get_or_none(external_id=receipt.external_id, channel=channel, account=account)


async def _raise_to(row: OutboxMessage, receipt: ProviderReceipt, now: datetime) -> None:
    raised = await OutboxMessage.filter(id=row.id, receipt__lt=receipt.receipt).update(
        receipt=receipt.receipt
    )
    if not raised:
        return
    if receipt.receipt is Receipt.FAILED:
        await _failed(row, receipt, now)
        return
    await OutboxMessage.filter(id=row.id, state__in=_OPEN_TO_DOUBT).update(
        state=OutboxState.SENT, external_id=receipt.external_id, sent_at=now, failure=None
    )
    if row.state is OutboxState.SENDING:  # its own answer may never come
        await OutboxMessage.filter(id=row.id, state=OutboxState.SENDING).update(
            external_id=receipt.external_id
        )


async def settle_doubt(row_id: int, now: datetime) -> None:
    """A send has ended without an answer; the provider may have told us meanwhile that it took it."""
    known = OutboxMessage.filter(
        id=row_id, state=OutboxState.UNKNOWN, receipt__in=(Receipt.TAKEN, Receipt.ARRIVED, Receipt.SEEN)
    )
    await known.update(state=OutboxState.SENT, sent_at=now, failure=None)


async def _failed(row: OutboxMessage, receipt: ProviderReceipt, now: datetime) -> None:
    """The provider took it and could not bring it.

    A notice whose window was closed goes as a template; one that nobody took goes back, for delivery to find
    another of the person's chats.
    """
    fault = receipt.failure.fault if receipt.failure else Fault.GIVE_UP
    code = receipt.failure.code if receipt.failure else "failed"
    here = Conversation.filter(contact_id=row.contact_id, channel=row.channel, account=row.account)
    if fault is Fault.UNREACHABLE and receipt.failure is not None and not receipt.failure.certain:
        await doubt(row.contact_id, row.channel, row.account, now)
    elif fault is Fault.UNREACHABLE:
        await here.update(unreachable_at=now)
    if fault is Fault.TEMPLATE and row.kind is OutboxKind.NOTICE and row.sent_as == "text":
        await here.update(window_expires_at=now)
        await OutboxMessage.filter(id=row.id).update(
            state=OutboxState.QUEUED, receipt=Receipt.NONE, external_id=None, token=None, due_at=now
        )
        return
    if fault is Fault.UNREACHABLE and row.kind is OutboxKind.NOTICE:
        await OutboxMessage.filter(id=row.id).update(
            state=OutboxState.QUEUED, receipt=Receipt.NONE, external_id=None, token=None, due_at=now,
            failure=code[:64], tried=",".join(dict.fromkeys([*tried(row), row.channel])),
        )  # fmt: skip
        return
    await OutboxMessage.filter(id=row.id).update(state=OutboxState.FAILED, failure=code[:64])
