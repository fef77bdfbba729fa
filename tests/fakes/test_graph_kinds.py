"""Kinds of message beside texts, keyboards and files: taken as Meta takes them, refused by Meta's codes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import FakeGraph
from tests.fakes.conftest import NOW, GraphClient

STRANGER = "6281200000001"


def flow(payload: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    basic = {"flow_message_version": "3", "flow_id": "1234", "flow_token": "t-1", "flow_cta": "Isi"}
    more = {"flow_action_payload": payload} if payload is not None else {}
    return {
        "type": "flow",
        "body": {"text": "Mohon diisi"},
        "action": {"name": "flow", "parameters": basic | more | parameters},
    }


def asking(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "body": {"text": "Di mana?"}, "action": {"name": name}} | more


LOCATION = asking("location_request_message", "send_location")
CONTACT = asking("request_contact_info", "request_contact_info")


async def test_a_form_and_two_questions_are_taken(meta: GraphClient, graph: FakeGraph) -> None:
    first = {"screen": "AWAL", "data": {"nama": "Yohana"}}
    for part in (
        flow(),
        flow(first, flow_action="navigate", mode="draft"),
        flow(flow_action="data_exchange", header=None),
        LOCATION,
        CONTACT,
    ):
        assert (await meta.send("interactive", part))[0] == 200
    assert [line.type.partition(".")[2] for line in graph.ledger] == [
        "flow",
        "flow",
        "flow",
        "location_request_message",
        "request_contact_info",
    ]
    shown = [line.buttons[0] for line in graph.ledger.messages]
    assert (shown[0].title, shown[0].flow) == ("Isi", "1234")
    assert [button.asks for button in shown[3:]] == ["send_location", "request_contact_info"]


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (flow(flow_cta="x" * 21), 131009),
        (flow(flow_cta=""), 131008),
        (flow(flow_message_version="2"), 131009),
        (flow(flow_id=None), 131009),
        (flow(flow_name="daftar"), 131009),
        (flow(mode="test"), 131009),
        (flow(flow_action="open"), 131009),
        (flow({"screen": "AWAL"}, flow_action="data_exchange"), 131009),
        (flow({"data": {"a": 1}}), 131008),
        (flow({"screen": "AWAL", "data": {}}), 131009),
        (flow({"screen": "AWAL", "data": "{}"}), 131009),
        (flow(colour="red"), 100),
        (flow() | {"body": {"text": "x" * 1025}}, 131009),
        (LOCATION | {"footer": {"text": "x"}}, 100),
        (LOCATION | {"action": {"name": "request_contact_info"}}, 131009),
        (CONTACT | {"header": {"type": "text", "text": "x"}}, 100),
        (CONTACT | {"body": {"text": ""}}, 131008),
    ],
)
async def test_a_form_or_question_out_of_shape_is_refused(meta: GraphClient, part: Any, code: int) -> None:
    assert await meta.refused("interactive", part) == code


async def test_a_reaction_lies_on_a_message_and_is_none_itself(meta: GraphClient, graph: FakeGraph) -> None:
    _, told = await meta.send("text", {"body": "Halo"})
    ours = told["messages"][0]["id"]
    for about in ("wamid.first", ours):
        for emoji in ("👍", "👩‍👩‍👧‍👦", ""):
            assert (await meta.send("reaction", {"message_id": about, "emoji": emoji}))[0] == 200
    assert [line.text for line in graph.ledger.messages] == ["Halo"]
    assert {line.reply_to for line in graph.ledger if line.type == "reaction"} == {"wamid.first", ours}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"message_id": "wamid.nobody", "emoji": "👍"}, 131009),
        ({"message_id": "wamid.first", "emoji": "oke"}, 131009),
        ({"message_id": "wamid.first", "emoji": "👍" * 17}, 131009),
        ({"message_id": "wamid.first", "emoji": None}, 100),
        ({"message_id": "wamid.first", "emoji": "👍", "type": "emoji"}, 100),
        ({"message_id": 5, "emoji": "👍"}, 100),
    ],
)
async def test_a_reaction_out_of_shape_is_refused(meta: GraphClient, part: Any, code: int) -> None:
    assert await meta.refused("reaction", part) == code


async def test_an_answer_names_a_message_of_the_same_conversation(
    meta: GraphClient, graph: FakeGraph
) -> None:
    graph.heard_from(wa_id=STRANGER, message_id="wamid.theirs")
    quote = {"context": {"message_id": "wamid.first"}}
    assert (await meta.send("text", {"body": "Ini"}, **quote))[0] == 200
    assert graph.ledger.messages[-1].reply_to == "wamid.first"
    assert await meta.refused("text", {"body": "Ini"}, to=STRANGER, **quote) == 131009
    assert await meta.refused("text", {"body": "Ini"}, context={"message_id": "wamid.theirs"}) == 131009


async def test_an_old_message_can_no_longer_be_marked_as_read(meta: GraphClient, graph: FakeGraph) -> None:
    graph.clock = lambda: NOW + timedelta(days=30, seconds=1)
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.first"}
    assert (await meta.post(mark))[1]["error"]["code"] == 131009


CARD = {"name": {"formatted_name": "Loket Rote Ndao", "first_name": "Loket"}}


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (CARD, 0),
        (CARD | {"phones": [{"phone": "+62380", "type": "WORK", "wa_id": None}], "birthday": None}, 0),
        (CARD | {"emails": [{"email": "a@b.id"}], "urls": [{"url": "https://b.id"}]}, 0),
        (CARD | {"org": {"company": "Disdukcapil"}, "addresses": [{"city": "Ba'a"}]}, 0),
        (CARD | {"phones": [{"type": "WORK"}]}, 131008),
        (CARD | {"phones": [{"phone": "+62380", "colour": "red"}]}, 100),
        (CARD | {"emails": "a@b.id"}, 100),
        (CARD | {"vcard": "BEGIN"}, 100),
    ],
)
async def test_a_card_is_looked_through(meta: GraphClient, card: Any, code: int) -> None:
    status, body = await meta.send("contacts", [card])
    assert (status, body.get("error", {}).get("code", 0)) == (200 if not code else 400, code)


async def test_a_null_is_as_if_it_were_not_there(meta: GraphClient) -> None:
    assert (await meta.send("text", {"body": "x", "preview_url": None}, context=None, recipient=None))[
        0
    ] == 200


def button(kind: str, index: int = 0, **parameter: str) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


def template(*components: dict[str, Any]) -> dict[str, Any]:
    return {"name": "siap", "language": {"code": "id"}, "components": list(components)}


async def test_a_templates_buttons_carry_what_they_were_given(meta: GraphClient, graph: FakeGraph) -> None:
    graph.register_template(
        "siap",
        "Permohonan Bapak/Ibu sudah siap.",
        buttons=[
            {"type": "QUICK_REPLY", "text": "Status"},
            {"type": "URL", "text": "Buka", "url": "https://loket.id/f/{{1}}"},
            {"type": "QUICK_REPLY", "text": "Berhenti"},
        ],
    )
    link = button("url", 1, type="text", text=r"a\1")
    reply = button("quick_reply", type="payload", payload="status:K7Q2")
    assert (await meta.send("template", template(reply, link)))[0] == 200
    shown = graph.ledger.messages[0].buttons
    assert [(one.title, one.id or one.url) for one in shown] == [
        ("Status", "status:K7Q2"),
        ("Buka", r"https://loket.id/f/a\1"),
        ("Berhenti", "Berhenti"),
    ]
    for wrong, code in (
        (button("url", type="text", text="x"), 132012),
        (button("quick_reply", type="text", text="x"), 100),
        (button("quick_reply", type="payload", payload="x" * 257), 131009),
        (button("quick_reply", 3, type="payload", payload="x"), 132000),
        (button("quick_reply", type="payload", payload="a\nb"), 132012),
    ):
        assert await meta.refused("template", template(wrong, link)) == code
    assert await meta.refused("template", template(reply)) == 131008


async def test_numbered_parameters_have_no_names(meta: GraphClient, graph: FakeGraph) -> None:
    graph.register_template("siap", "Permohonan {{1}} Bapak/Ibu sudah siap.")
    named = {"type": "text", "text": "K7Q2", "parameter_name": "1"}
    assert await meta.refused("template", template({"type": "body", "parameters": [named]})) == 132012
    bare = {"type": "text", "text": "K7Q2"}
    assert (await meta.send("template", template({"type": "body", "parameters": [bare]})))[0] == 200


async def test_the_account_tells_its_limit_and_its_quality(meta: GraphClient, graph: FakeGraph) -> None:
    graph.messaging_limit, graph.quality = "TIER_250", "RED"
    fields = "whatsapp_business_manager_messaging_limit,quality_rating"
    _, number = await meta.get(f"{graph.phone_number_id}?fields={fields}")
    assert number == {
        "quality_rating": "RED",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "id": graph.phone_number_id,
    }


async def test_templates_are_listed_by_state_and_category(meta: GraphClient, graph: FakeGraph) -> None:
    graph.register_template("satu", "Permohonan {{nomor}} sudah kami terima.", quality="GREEN")
    graph.register_template("dua", "Hari ini loket tutup.", category="MARKETING", status="REJECTED")
    graph.register_template("tiga", "Permohonan {{1}} sudah kami terima.", language="en")

    async def listed(query: str) -> list[str]:
        _, page = await meta.get(f"{graph.waba_id}/message_templates?{query}")
        return [one["name"] for one in page["data"]]

    assert await listed("") == ["satu", "dua", "tiga"]
    assert await listed("status=APPROVED") == ["satu", "tiga"]
    assert await listed("status=APPROVED,REJECTED&category=MARKETING") == ["dua"]
    assert await listed("language=id&name=at") == ["satu"]
    _, page = await meta.get(f"{graph.waba_id}/message_templates?fields=name,quality_score&limit=1")
    (one,) = page["data"]
    assert (set(one), one["quality_score"]["score"]) == ({"name", "quality_score", "id"}, "GREEN")
