"""What every part of the pretend Graph API leans on: ids, and calls that come to nothing."""

from __future__ import annotations

import secrets
from pathlib import Path

from aiohttp import web

from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.ledger import Sent
from tests.fakes.server import FakeServer


class GraphNode(FakeServer):
    """The number and the account (WABA) that this Graph API knows."""

    phone_number_id: str
    waba_id: str
    access_token: str

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file=ledger_file)
        self._salt, self._count = secrets.token_hex(4), 0

    def new_wamid(self) -> str:
        return f"wamid.HBgN{self._salt}{self._next_number():06X}AA=="

    def _note_refusal(self, refusal: GraphRefusal, what: str) -> None:
        """A call that came to nothing before it was read."""
        line = Sent(at=self.clock(), channel="whatsapp", to="", type=what, shown=False)
        line.outcome, line.refusal = "refused", str(refusal)
        self.ledger.add(line)
        raise refusal

    def _must_be(self, request: web.Request, node: str) -> None:
        if request.match_info["node"] != node:
            details = f"Object with ID '{request.match_info['node']}' does not exist"
            self._note_refusal(GraphRefusal(100, details, subcode=33), request.path)

    def _next_number(self) -> int:
        self._count += 1
        return self._count
