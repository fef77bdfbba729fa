"""Pretend providers on real sockets that refuse what the real ones refuse.

`FakeGraph` is Meta's Graph API for WhatsApp, `FakeBotApi` is Telegram's Bot API. Both write every
send, taken or refused, into a `Ledger` of `Sent` lines. The phones in `tests.phones` read from it.
"""

from tests.fakes.bot_api import FakeBotApi
from tests.fakes.graph import FakeGraph
from tests.fakes.ledger import Button, Ledger, Sent

__all__ = ["Button", "FakeBotApi", "FakeGraph", "Ledger", "Sent"]
