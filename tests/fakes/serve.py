"""The pretend providers as a process of their own.

    python -m tests.fakes.serve --graph-port 9101 --bot-port 9102 --messenger-port 9103 --ledger /tmp/l.jsonl

Prints one line of JSON with their addresses when it listens (port 0: any free one), and ends on SIGTERM.
Each ledger line is in the file before the sender has its answer: read it with `Ledger.read`.

Orders come as JSON to ``POST /__order`` of each provider, one object each:
``{"next_send": ["drop_after"], "to": "62812…"}`` · ``{"every_send": "http500"}`` (null ends it) ·
``{"clock": "2026-11-24T01:00:00+00:00"}`` (null: the real one) · ``{"release": true}`` ·
Graph: ``{"heard_from": "62812…", "message_id": "wamid…"}`` · ``{"template": {"name": …, "body": …}}`` ·
Telegram: ``{"meet": {"id": 5, "type": "private", "first_name": "A"}}`` · ``{"update": {…}}`` ·
Messenger: ``{"heard_from": "7411…", "message_id": "m_…"}`` · ``{"template": {"name": …, "body": …}}`` ·
``{"comment": "108_9", "by": "7411…", "text": …}`` · ``{"refuses": "551/1545041", "to": "7411…"}`` (null ends
it) · ``{"echoes": true}`` · ``{"auto_statuses": ["delivered", "read"]}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.bot_api import FakeBotApi
from tests.fakes.graph import FakeGraph
from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_templates import TemplateNotAccepted
from tests.fakes.messenger import FakeMessenger
from tests.fakes.messenger_people import Comment
from tests.fakes.server import FakeServer


def set_clock(server: FakeServer, time: str | None) -> None:
    """Stops the provider's clock at an ISO time, or lets it run again."""
    stopped = datetime.fromisoformat(time) if time else None
    server.clock = (lambda: stopped) if stopped else (lambda: datetime.now(UTC))


def obey(server: FakeServer, order: dict[str, Any]) -> None:
    """Carries out one order.  Raises ValueError for one it does not know."""
    match order:
        case {"next_send": list() as faults}:
            server.next_send(*faults, to=order.get("to", ""), retry_after=order.get("retry_after", 1))
        case {"every_send": fault}:
            server.every_send_fails(fault, to=order.get("to", ""))
        case {"clock": time}:
            set_clock(server, time)
        case {"release": True}:
            server.release()
        case {"heard_from": wa_id} if isinstance(server, FakeGraph):
            server.heard_from(wa_id=wa_id, message_id=order.get("message_id", ""))
        case {"template": dict() as template} if isinstance(server, FakeGraph):
            server.register_template(**template)
        case {"meet": chat} if isinstance(server, FakeBotApi):
            server.meet(chat)
        case {"update": update} if isinstance(server, FakeBotApi):
            server.queue(update)
        case _ if isinstance(server, FakeMessenger):
            obey_on_messenger(server, order)
        case _:
            raise ValueError(f"no such order: {sorted(order)}")


def obey_on_messenger(server: FakeMessenger, order: dict[str, Any]) -> None:
    """Carries out an order for a Page.  Raises ValueError for one it does not know."""
    match order:
        case {"heard_from": psid}:
            server.heard_from(psid, message_id=order.get("message_id", ""))
        case {"template": dict() as template}:
            server.register_template(**template)
        case {"comment": ident, "by": psid}:
            author = server.people.meet(psid)
            post_id = order.get("post_id", f"{server.page_id}_1")
            server.commented(Comment(ident, post_id, author, server.clock(), order.get("text", "")))
        case {"refuses": refusal, "to": psid}:
            server.people.meet(psid).refuses = refusal or ""
        case {"echoes": bool() as echoes}:
            server.echoes = echoes
        case {"auto_statuses": list() as statuses}:
            server.auto_statuses = tuple(statuses)
        case _:
            raise ValueError(f"no such order: {sorted(order)}")


class _Ordered:
    """Adds the door for orders to a provider's application."""

    async def _order(self, request: web.Request) -> web.Response:
        assert isinstance(self, FakeServer)
        try:
            obey(self, await request.json())
        except (ValueError, TypeError, GraphRefusal, TemplateNotAccepted) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"done": True})


class OrderedGraph(_Ordered, FakeGraph):
    def application(self) -> web.Application:
        app = super().application()
        app.router.add_post("/__order", self._order)
        return app


class OrderedBotApi(_Ordered, FakeBotApi):
    def application(self) -> web.Application:
        app = super().application()
        app.router.add_post("/__order", self._order)
        return app


class OrderedMessenger(_Ordered, FakeMessenger):
    def application(self) -> web.Application:
        app = super().application()
        app.router.add_post("/__order", self._order)
        return app


async def serve(given: argparse.Namespace) -> None:
    ledger: Path = given.ledger
    providers: dict[str, tuple[FakeServer, int]] = {
        "graph": (OrderedGraph(ledger_file=ledger, webhook_url=given.webhook_url), given.graph_port),
        "bot_api": (OrderedBotApi(ledger_file=ledger), given.bot_port),
        "messenger": (
            OrderedMessenger(ledger_file=ledger, webhook_url=given.messenger_webhook_url),
            given.messenger_port,
        ),
    }
    addresses = {name: await server.start(port) for name, (server, port) in providers.items()}
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    for server, _ in providers.values():
        await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.serve", description=__doc__)
    parser.add_argument("--graph-port", type=int, default=0)
    parser.add_argument("--bot-port", type=int, default=0)
    parser.add_argument("--messenger-port", type=int, default=0)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--webhook-url", default="", help="where statuses of WhatsApp go")
    parser.add_argument("--messenger-webhook-url", default="", help="where events of Messenger go")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
