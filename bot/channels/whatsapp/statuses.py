"""What Meta says of our messages afterwards.

Source: Meta, WhatsApp Cloud API, "Status messages webhook reference".
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import Body, Incoming, ProviderReceipt
from bot.channels.shape import external_id, listing, mapping, moment, text
from bot.channels.whatsapp.errors import by_code
from models.inbox import InboxKind
from models.outbox import Receipt

RECEIPTS: Final[Mapping[str, Receipt]] = {
    # Meta's word → ours
    "sent": Receipt.TAKEN,
    "delivered": Receipt.ARRIVED,
    "read": Receipt.SEEN,
    "played": Receipt.SEEN,  # a voice message
    "failed": Receipt.FAILED,
}


def event(status: Mapping[str, Any], metadata: Mapping[str, Any]) -> Incoming | None:
    """A word on a message of ours, None if it names no message or says nothing.

    The same word of the same second is the same event.
    """
    body: Body = {"status": status, "metadata": metadata}
    wamid, word = text(status.get("id")), text(status.get("status"))
    if not wamid or not word:
        return None
    return Incoming(
        external_id=external_id(f"{wamid}:{word}:{text(status.get('timestamp'))}", body),
        kind=InboxKind.RECEIPT if word in RECEIPTS else InboxKind.OTHER,
        body=body,
        sent_at=moment(status.get("timestamp")),
    )


def receipt(body: Body) -> ProviderReceipt | None:
    """Found by the tag that we sent along, else by Meta's id of the message."""
    status = mapping(body.get("status"))
    word = RECEIPTS.get(text(status.get("status")))
    if word is None:
        return None
    code = next((mapping(error).get("code") for error in listing(status.get("errors"))), None)
    return ProviderReceipt(
        external_id=text(status.get("id")) or None,
        tag=text(status.get("biz_opaque_callback_data")) or None,
        receipt=word,
        failure=by_code(code) if word is Receipt.FAILED else None,
    )
