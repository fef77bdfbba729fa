"""The conversations of the pretend Graph API: who wrote when, and what may be said to whom just now.

Source: Meta, "Send messages" (window), "Throughput" (pair rate), "Mark messages as read", "Reactions".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes import graph_rules
from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_node import GraphNode
from tests.fakes.graph_people import People, Person
from tests.fakes.ledger import Sent
from tests.fakes.server import Throttle

Json = dict[str, Any]
DISPLAY_PHONE_NUMBER = "6281138100100"
READABLE = timedelta(days=30)  # an older message cannot be marked as read


class GraphConversations(GraphNode):
    """``late_refusals`` and ``pair_limit``: see `FakeGraph`."""

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.people = People()
        self.late_refusals = False
        self.pair_limit = False
        self._pairs = Throttle(seconds=6, burst=45)

    def heard_from(
        self,
        *,
        wa_id: str = "",
        bsuid: str = "",
        name: str = "",
        message_id: str = "",
        at: datetime | None = None,
    ) -> Person:
        """A person wrote to us: known from now on, and the window opens at ``at`` (now)."""
        person = self.people.meet(wa_id=wa_id, bsuid=bsuid, name=name)
        when = at or self.clock()
        person.wrote_at = max(when, person.wrote_at or when)
        if message_id:
            person.inbound_ids[message_id] = when
        return person

    def _addressee(self, payload: Json) -> Person:
        kind, value = graph_rules.addressee(payload)
        if value == DISPLAY_PHONE_NUMBER:
            raise GraphRefusal(131021, "The business cannot write to itself")
        if kind == "phone":
            return self.people.meet(wa_id=value)
        person = self.people.find("bsuid", value)
        if person is None:
            raise GraphRefusal(131026, "Nobody has this business-scoped user id")
        return person

    def _check_quote(self, line: Sent, person: Person) -> None:
        """What a message answers must stand in the same conversation."""
        if line.reply_to and not person.knows(line.reply_to):
            raise GraphRefusal(131009, "context['message_id'] is not a message of this conversation.")

    def _check_reaction(self, about: str, line: Sent, person: Person) -> None:
        """A reaction goes to a message of this conversation, and is no message of its own."""
        if not person.knows(about):
            raise GraphRefusal(131009, "reaction['message_id'] is not a message of this conversation.")
        line.reply_to, line.shown = about, False

    def _check_conversation(self, line: Sent, person: Person, *, marketing: bool) -> None:
        refusal = None
        if not person.reachable:
            refusal = GraphRefusal(131026, "Message Undeliverable.")
        elif marketing and not person.takes_marketing:
            refusal = GraphRefusal(131050, "The user has stopped marketing messages from this business.")
        elif line.type != "template" and not person.window_open(self.clock()):
            refusal = GraphRefusal(131047, "More than 24 hours have passed since the recipient last replied.")
        if refusal and self.late_refusals:
            line.outcome, line.refusal = "failed_later", str(refusal)
        elif refusal:
            raise refusal
        elif self.pair_limit and self._pairs.wait(person.key, self.clock()):
            raise GraphRefusal(131056, "Too many messages to this person in a short time.")

    def _mark_read(self, payload: Json, line: Sent) -> Json:
        line.type, line.shown = "read", False
        needs = ["messaging_product", "status", "message_id"]
        graph_rules.an_object(payload, "message", needs=needs, may=["typing_indicator"])
        if payload["status"] != "read":
            raise GraphRefusal(131009, "status must be read.")
        author = self.people.author_of(str(payload["message_id"]))
        if author is None or self.clock() - author.inbound_ids[payload["message_id"]] > READABLE:
            raise GraphRefusal(131009, "message_id is not the id of a message to this number.")
        line.to, line.reply_to = author.key, payload["message_id"]
        if "typing_indicator" in payload:
            typing = graph_rules.an_object(payload["typing_indicator"], "typing_indicator", needs=["type"])
            if typing["type"] != "text":
                raise GraphRefusal(131009, "typing_indicator['type'] must be text.")
            line.type = "read+typing"
        self.ledger.add(line)
        return {"success": True}
