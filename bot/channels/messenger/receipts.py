"""What Meta says of our messages afterwards: echoes, and what has been delivered and read.

Source: Meta, Messenger Platform, "message_echoes", "message_deliveries", "message_reads".
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.channels.base import Body, ProviderReceipt
from bot.channels.shape import is_id, listing, mapping, moment, text
from models.outbox import Receipt

RECEIPTS: Final[Mapping[str, Receipt]] = {"delivery": Receipt.ARRIVED, "read": Receipt.SEEN}
GRACE: Final = timedelta(seconds=1)  # a watermark is of Meta's clock, before our answer has come back


def is_receipt(item: Mapping[str, Any]) -> bool:
    return bool(of_item(item))


def receipts(body: Body) -> list[ProviderReceipt]:
    return of_item(mapping(body.get("item")))


def of_item(item: Mapping[str, Any]) -> list[ProviderReceipt]:
    """A word on each message that is named, and on all before the watermark."""
    if echo := _echoed(mapping(item.get("message"))):
        return [echo]
    for part, receipt in RECEIPTS.items():
        told = mapping(item.get(part))
        named = [text(mid) for mid in listing(told.get("mids"))]
        found = [ProviderReceipt(external_id=mid, receipt=receipt) for mid in named if is_id(mid)]
        if (until := moment(told.get("watermark"))) is not None:
            found.append(ProviderReceipt(receipt=receipt, until=until + GRACE))
        if found:
            return found
    return []


def _echoed(message: Mapping[str, Any]) -> ProviderReceipt | None:
    """An echo that carries our tag proves that Meta took the message."""
    tag, mid = text(message.get("metadata")), text(message.get("mid"))
    if not (message.get("is_echo") and tag.isascii() and tag.isdigit() and len(tag) <= 18 and is_id(mid)):
        return None
    return ProviderReceipt(external_id=mid, tag=tag, receipt=Receipt.TAKEN)
