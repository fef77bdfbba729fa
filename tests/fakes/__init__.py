"""Pretend providers on real sockets that refuse what the real ones refuse.

`FakeGraph` is Meta's Graph API for WhatsApp, `FakeMessenger` that for a Facebook Page, `FakeBotApi` is
Telegram's Bot API. All write every send, taken or refused, into a `Ledger` of `Sent` lines. The phones in
`tests.phones` and `tests.messenger_phone` read from it.
"""

from tests.fakes.bot_api import FakeBotApi
from tests.fakes.graph import FakeGraph
from tests.fakes.ledger import Button, Ledger, Sent
from tests.fakes.messenger import FakeMessenger

__all__ = ["Button", "FakeBotApi", "FakeGraph", "FakeMessenger", "Ledger", "Sent"]
