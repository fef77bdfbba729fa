"""What every part of the pretend Messenger leans on: the Page, ids, and calls that come to nothing."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import NoReturn

from aiohttp import web

from tests.fakes.ledger import Sent
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.server import FakeServer


class MessengerNode(FakeServer):
    """The Page that this Graph API knows."""

    page_id: str
    access_token: str

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file=ledger_file)
        self._salt, self._count = secrets.token_urlsafe(24), 0

    def new_mid(self) -> str:
        return f"m_{self._salt}{self.next_number():06X}"

    def next_number(self) -> int:
        self._count += 1
        return self._count

    def note_refusal(self, refusal: MessengerRefusal, what: str) -> NoReturn:
        """Writes down a call that came to nothing, and refuses it."""
        line = Sent(at=self.clock(), channel="messenger", to="", type=what, shown=False)
        line.outcome, line.refusal = "refused", str(refusal)
        self.ledger.add(line)
        raise refusal

    def must_be_page(self, request: web.Request) -> None:
        """The node is the Page by its id, or as the bearer of its token (``me``)."""
        node = request.match_info["node"]
        if node not in (self.page_id, "me"):
            words = f"Unsupported request. Object with ID '{node}' does not exist"
            self.note_refusal(MessengerRefusal(100, words, subcode=33), request.path)
