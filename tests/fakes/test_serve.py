"""The providers as a process: what they took is in the file before the sender has its answer."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.fakes.ledger import Ledger

ROOT = Path(__file__).parents[2]


async def test_another_process_can_read_the_ledger_and_give_orders(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.serve",
        "--ledger",
        str(file),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    where = json.loads(await process.stdout.readline())
    chat = {"id": 5, "type": "private", "first_name": "A"}
    async with ClientSession() as http:

        async def post(url: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
            async with http.post(url, json=body, headers=headers) as answer:
                return answer.status, await answer.json()

        graph, bot_api = where["graph"], where["bot_api"]
        assert await post(f"{graph}/__order", {"heard_from": "6281234567890"}) == (200, {"done": True})
        assert await post(f"{graph}/__order", {"clock": "2026-11-24T01:00:00+00:00"}) == (200, {"done": True})
        assert await post(f"{graph}/__order", {"next_send": ["131056"]}) == (200, {"done": True})
        assert await post(f"{bot_api}/__order", {"meet": chat}) == (200, {"done": True})
        assert (await post(f"{graph}/__order", {"meet": chat}))[0] == 400
        assert (await post(f"{graph}/__order", {"next_send": ["http418"]}))[0] == 400
        text = {"messaging_product": "whatsapp", "to": "6281234567890", "type": "text", "text": {"body": "é"}}
        url, token = (
            f"{graph}/v25.0/106540352242922/messages",
            {"Authorization": "Bearer EAAGtestTokenOfTheOffice"},
        )
        assert (await post(url, text, token))[0] == 400
        assert (await post(url, text, token))[0] == 200
        telegram = f"{bot_api}/bot7042:AAtestTokenOfTheOffice/sendMessage"
        assert (await post(telegram, {"chat_id": 5, "text": "halo"}))[0] == 200
        lines = Ledger.read(file)
    assert [(line.channel, line.outcome, line.text) for line in lines] == [
        ("whatsapp", "ordered", "é"),
        ("whatsapp", "accepted", "é"),
        ("telegram", "accepted", "halo"),
    ]
    assert lines[1].at.isoformat() == "2026-11-24T01:00:00+00:00"
    process.terminate()
    assert await process.wait() == 0


async def test_a_page_takes_its_orders_too(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.serve", "--ledger", str(file)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    page = json.loads(await process.stdout.readline())["messenger"]
    orders = [
        {"heard_from": "7411", "message_id": "m_1"},
        {"clock": "2026-11-24T01:00:00+00:00"},
        {"template": {"name": "siap", "body": "Permohonan {{1}} siap diambil."}},
        {"comment": "901_1", "by": "7422", "text": "Bagaimana?"},
        {"refuses": "551/1545041", "to": "7433"},
        {"auto_statuses": []},
        {"echoes": False},
        {"next_send": ["10/2018278@200"], "to": "7411"},
    ]
    token = {"Authorization": "Bearer EAAPpageTokenOfTheOffice"}
    async with ClientSession() as http:

        async def post(path: str, body: Any) -> tuple[int, Any]:
            async with http.post(f"{page}/{path}", json=body, headers=token) as answer:
                return answer.status, await answer.json()

        for order in orders:
            assert await post("__order", order) == (200, {"done": True})
        unapproved = {"template": {"name": "?", "body": "x"}}
        for nonsense in ({"meet": {"id": 5}}, {"next_send": ["131047"]}, unapproved):
            assert (await post("__order", nonsense))[0] == 400
        text = {"recipient": {"id": "7411"}, "messaging_type": "RESPONSE", "message": {"text": "é"}}
        status, body = await post("v25.0/me/messages", text)
        assert (status, body["error"]["error_subcode"]) == (200, 2018278)
        assert (await post("v25.0/me/messages", text))[0] == 200
        reply = {"recipient": {"comment_id": "901_1"}, "message": {"text": "Halo"}}
        assert (await post("v25.0/me/messages", reply))[1]["recipient_id"] == "7422"
        lines = Ledger.read(file)
    assert [(line.channel, line.outcome, line.text) for line in lines] == [
        ("messenger", "ordered", "é"),
        ("messenger", "accepted", "é"),
        ("messenger", "accepted", "Halo"),
    ]
    process.terminate()
    assert await process.wait() == 0
