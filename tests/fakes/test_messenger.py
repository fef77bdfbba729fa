"""The pretend Messenger says yes to what Meta takes and no, by Meta's codes, to what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientError

from tests.fakes import FakeMessenger
from tests.fakes.messenger_client import CITIZEN, NOW, MessengerClient, open_page
from tests.fakes.messenger_people import Comment


@pytest.fixture
async def page() -> AsyncIterator[MessengerClient]:
    async with open_page() as client:
        yield client


def quick(*titles: str, payload: str = "p", **more: Any) -> list[dict[str, Any]]:
    return [{"content_type": "text", "title": title, "payload": payload} | more for title in titles]


def postback(title: str, payload: str = "p") -> dict[str, Any]:
    return {"type": "postback", "title": title, "payload": payload}


def template(kind: str, **parts: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": {"template_type": kind} | parts}}


def buttons(*those: Any, text: str = "Pilih", **more: Any) -> dict[str, Any]:
    return template("button", text=text, buttons=list(those), **more)


def attached(kind: str, **payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": payload}}


def several(kind: str, count: int = 1, url: str = "https://a.id") -> dict[str, Any]:
    return {"attachments": [{"type": kind, "payload": {"url": url}}] * count}


def media_card(kind: str) -> dict[str, Any]:
    return template("media", elements=[{"media_type": kind, "attachment_id": "1"}])


def cards(*those: Any) -> dict[str, Any]:
    return template("generic", elements=list(those))


# ---------------------------------------------------------------------- what is taken


async def test_a_text_is_taken_and_stands_in_the_ledger(page: MessengerClient) -> None:
    status, body = await page.send({"text": "Selamat pagi", "metadata": "outbox-7"})
    (sent,) = page.messenger.ledger.messages
    assert (status, body) == (200, {"recipient_id": CITIZEN, "message_id": sent.id})
    assert (sent.at, sent.to, sent.type, sent.text) == (NOW, CITIZEN, "text", "Selamat pagi")
    assert page.messenger.ledger.of("outbox-7") == [sent]
    assert page.messenger.ledger.refused == []


async def test_me_is_the_page_and_the_token_may_stand_in_the_query_or_the_body(page: MessengerClient) -> None:
    payload = {"recipient": {"id": CITIZEN}, "messaging_type": "RESPONSE", "message": {"text": "halo"}}
    token = page.messenger.access_token
    assert (await page.call("POST", "me/messages", json=payload))[0] == 200
    asked = f"me/messages?access_token={token}"
    assert (await page.call("POST", asked, token="", json=payload))[0] == 200
    assert (await page.post(payload | {"access_token": token}, token=""))[0] == 200


@pytest.mark.parametrize(
    "message",
    [
        {"text": "é" * 2000},
        {"text": "x", "quick_replies": quick(*(f"{n:02}".ljust(20, "x") for n in range(13)))},
        {"text": "x", "quick_replies": quick("Ya", payload="x" * 1000)},
        {"text": "x", "quick_replies": [{"content_type": "user_phone_number"}]},
        {"text": "x", "metadata": "x" * 1000},
        {"text": "x", "reply_to": {"mid": "m_first"}},
        buttons(postback("x" * 20, "y" * 1000), text="x" * 640),
        buttons(postback("A"), {"type": "web_url", "title": "B", "url": "https://loket.test/"}),
        buttons({"type": "phone_number", "title": "Telepon", "payload": "+6281138100100"}),
        buttons(postback("A")) | {"quick_replies": quick("Ya")},
        cards({"title": "x" * 80, "subtitle": "y" * 80, "buttons": [postback("A")]}),
    ],
)
async def test_what_is_just_within_the_limits_is_taken(page: MessengerClient, message: Any) -> None:
    status, body = await page.send(message)
    assert status == 200, body


async def test_a_template_shows_its_text_and_what_can_be_tapped(page: MessengerClient) -> None:
    link = {"type": "web_url", "title": "Formulir", "url": "https://loket.test/f"}
    await page.send(buttons(postback("KTP", "ktp"), link) | {"quick_replies": quick("Batal", payload="x")})
    (sent,) = page.messenger.ledger.messages
    assert (sent.type, sent.text) == ("template.button", "Pilih")
    assert [(b.title, b.id, b.url) for b in sent.buttons] == [
        ("KTP", "ktp", ""),
        ("Formulir", "", "https://loket.test/f"),
        ("Batal", "x", ""),
    ]


async def test_typing_seen_and_reactions_are_noted_and_shown_to_nobody(page: MessengerClient) -> None:
    reaction = {"message_id": "m_first", "reaction": "👍"}
    calls: list[dict[str, Any]] = [
        {"sender_action": "mark_seen"},
        {"sender_action": "typing_on"},
        {"sender_action": "react", "payload": reaction},
        {"sender_action": "unreact", "payload": {"message_id": "m_first"}},
    ]
    for call in calls:
        assert (await page.post({"recipient": {"id": CITIZEN}} | call))[0] == 200
    lines = page.messenger.ledger.lines
    assert [(line.type, line.text) for line in lines] == [
        ("mark_seen", ""),
        ("typing_on", ""),
        ("react", "👍"),
        ("unreact", ""),
    ]
    assert page.messenger.ledger.messages == []


# ---------------------------------------------------------------------- what is refused in a message


@pytest.mark.parametrize(
    ("message", "refusal", "words"),
    [
        ({}, "100/2018034", "Message cannot be empty"),
        ({"text": ""}, "100/2018034", "Message cannot be empty"),
        ({"text": "  \n"}, "100", "message[text] must be a non-empty"),
        ({"text": 5}, "100", "message[text] must be a non-empty"),
        ({"text": "x" * 2001}, "100", "Length of param message[text] must be less than or equal to 2000"),
        ("x", "100", "message must be a JSON object"),
        (
            {"text": "x", "parse_mode": "HTML"},
            "100",
            'Invalid keys "parse_mode" were found in param "message"',
        ),
        ({"text": "x", "attachment": {"type": "file"}}, "100/2018191", "Only one of the text, attachment"),
        ({"text": "x", "metadata": "x" * 1001}, "100", "Length of param message[metadata]"),
        ({"text": "x", "metadata": {"id": 7}}, "100", "message[metadata] must be a non-empty"),
        ({"text": "x", "reply_to": {"mid": "m_of_another"}}, "100", "no message of this conversation"),
        ({"text": "x", "reply_to": "m_first"}, "100", "message[reply_to] must be a JSON object"),
        ({"quick_replies": quick("Ya")}, "100/2018034", "Message cannot be empty"),
        ({"text": "x", "quick_replies": []}, "100", "quick_replies must be non-empty"),
        ({"text": "x", "quick_replies": quick(*"abcdefghijklmn")}, "105", "too many elements"),
        ({"text": "x", "quick_replies": quick("x" * 21)}, "100", "[title] must be less than or equal to 20"),
        ({"text": "x", "quick_replies": quick("")}, "100", "[title] must be a non-empty"),
        (
            {"text": "x", "quick_replies": quick("Ya", payload="x" * 1001)},
            "100",
            "less than or equal to 1000",
        ),
        ({"text": "x", "quick_replies": quick("Ya", payload="")}, "100", "[payload] must be a non-empty"),
        ({"text": "x", "quick_replies": quick("Ya", data="p")}, "100", 'Invalid keys "data"'),
        (
            {"text": "x", "quick_replies": quick("Ya", content_type="location")},
            "100",
            "[content_type] must be",
        ),
        ({"text": "x", "quick_replies": quick("Ya", image_url="a.png")}, "100", "a valid URL"),
        (attached("sticker"), "100", "message[attachment][type] must be one of"),
        (attached("image", url="berkas.jpg"), "100", "a valid URL"),
        (
            attached("image", attachment_id="1", url="https://a.id"),
            "100",
            "Only one of url and attachment_id",
        ),
        (attached("image", attachment_id="x"), "100", "[attachment_id] must be a valid ID"),
        (attached("image", attachment_id="1"), "100/2018074", "Invalid attachment ID"),
        (attached("image", is_reusable="yes"), "100", "[is_reusable] must be a boolean"),
        (attached("image"), "100", "The parameter message[attachment][payload][url] is required"),
        (several("file"), "100", "message[attachments][0][type] must be one of {image}"),
        (several("image", url=""), "100", "[url] must be a non-empty"),
        (several("image", 31), "105", "too many elements"),
    ],
)
async def test_a_message_out_of_shape_is_refused(
    page: MessengerClient, message: Any, refusal: str, words: str
) -> None:
    assert await page.refused(message, saying=words) == refusal


@pytest.mark.parametrize(
    ("message", "refusal", "words"),
    [
        (template("list"), "100", "[template_type] must be one of"),
        (template("button", text="Pilih"), "100", "[buttons] is required"),
        (buttons(), "100", "[buttons] must be non-empty"),
        (buttons(*map(postback, "abcd")), "105", "[buttons] has too many elements"),
        (buttons(postback("A"), text="x" * 641), "100", "[text] must be less than or equal to 640"),
        (buttons(postback("A"), text=""), "100", "[text] must be a non-empty"),
        (buttons(postback("A"), footer="x"), "100", 'Invalid keys "footer"'),
        (buttons(postback("x" * 21)), "100", "[title] must be less than or equal to 20"),
        (buttons(postback("")), "100", "[title] must be a non-empty"),
        (buttons(postback("A", "x" * 1001)), "100", "[payload] must be less than or equal to 1000"),
        (buttons(postback("A", "")), "100", "[payload] must be a non-empty"),
        (buttons(postback("A") | {"url": "https://a.id"}), "100", 'Invalid keys "url"'),
        (buttons({"type": "web_url", "title": "A", "url": "tel:112"}), "100", "a valid URL"),
        (buttons({"type": "web_url", "title": "A"}), "100", "[url] must be a non-empty"),
        (buttons({"type": "phone_number", "title": "A", "payload": "0811"}), "100", "a phone number"),
        (buttons({"type": "reply", "title": "A"}), "100", "[type] must be one of"),
        (buttons("A"), "100", "must be a JSON object"),
        (cards(), "100", "[elements] must be non-empty"),
        (cards({"title": "A"}), "100", "one property more"),
        (cards({"title": "x" * 81, "subtitle": "b"}), "100", "[title] must be less than or equal to 80"),
        (cards({"title": "A", "subtitle": "x" * 81}), "100", "[subtitle] must be less than or equal to 80"),
        (cards({"subtitle": "b"}), "100", "[title] must be a non-empty"),
        (cards({"title": "A", "buttons": list(map(postback, "abcd"))}), "105", "too many elements"),
        (
            cards({"title": "A", "default_action": {"type": "postback", "url": "x"}}),
            "100",
            "[default_action]",
        ),
        (cards(*[{"title": "A", "subtitle": "b"}] * 11), "105", "[elements] has too many elements"),
        (media_card("file"), "100", "[media_type] must be one of"),
        (media_card("image"), "100/2018074", "Invalid attachment ID"),
    ],
)
async def test_a_template_beyond_the_limits_is_refused(
    page: MessengerClient, message: Any, refusal: str, words: str
) -> None:
    assert await page.refused(message, saying=words) == refusal


# ---------------------------------------------------------------------- what is refused around it


@pytest.mark.parametrize(
    ("around", "refusal", "words"),
    [
        ({"recipient": None}, "100", "[recipient] is required"),
        ({"recipient": {}}, "100", "exactly one of id and comment_id"),
        ({"recipient": {"id": "7499"}}, "100/2018001", "No matching user found"),
        ({"recipient": {"id": int(CITIZEN)}}, "100", "recipient[id] must be a valid ID string"),
        ({"recipient": {"id": "+62812"}}, "100", "recipient[id] must be a valid ID string"),
        ({"recipient": {"id": CITIZEN, "comment_id": "1_2"}}, "100", "exactly one of id and comment_id"),
        ({"recipient": {"phone_number": "+62812"}}, "100", 'Invalid keys "phone_number"'),
        ({"recipient": {"comment_id": "1_2"}}, "100/2018292", "Invalid comment_id"),
        ({"messaging_type": None}, "100", "messaging_type is required"),
        ({"messaging_type": "REPLY"}, "100", "messaging_type must be one of"),
        ({"messaging_type": "UTILITY"}, "100", "go together"),
        ({"messaging_type": "MESSAGE_TAG"}, "100", "Invalid tag"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "GAME_EVENT"}, "100", "Invalid tag"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "CONFIRMED_EVENT_UPDATE"}, "100", "no longer supported"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, "100", "no longer supported"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "POST_PURCHASE_UPDATE"}, "100", "no longer supported"),
        ({"tag": "HUMAN_AGENT"}, "100", "A tag needs the messaging_type MESSAGE_TAG"),
        ({"chat_id": 5}, "100", 'Invalid keys "chat_id"'),
        ({"sender_action": "typing_on"}, "100", "Only one of message and sender_action"),
    ],
)
async def test_a_wrong_envelope_is_refused(
    page: MessengerClient, around: Any, refusal: str, words: str
) -> None:
    assert await page.refused({"text": "x"}, saying=words, **around) == refusal


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"sender_action": "dance"}, "sender_action must be one of"),
        ({"sender_action": "react"}, "payload must be a JSON object"),
        (
            {"sender_action": "react", "payload": {"message_id": "m_x", "reaction": "👍"}},
            "no message of this",
        ),
        ({"sender_action": "react", "payload": {"message_id": "m_first"}}, "[reaction] must be a non-empty"),
        ({"sender_action": "mark_seen", "recipient": {"comment_id": "1_2"}}, "recipient[id] is required"),
    ],
)
async def test_a_wrong_action_is_refused(page: MessengerClient, action: Any, words: str) -> None:
    assert await page.refused(None, saying=words, **({"messaging_type": None} | action)) == "100"


async def test_a_body_that_is_no_json_is_refused(page: MessengerClient) -> None:
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {page.messenger.access_token}",
    }
    url = f"{page.messenger.base_url}/v25.0/me/messages"
    for body in (b"{", b"[]", b"halo"):
        async with page.http.post(url, data=body, headers=headers) as answer:
            assert page.refusal_in(answer.status, await answer.json()) == "100"


async def test_a_wrong_or_missing_token_a_version_and_a_page_are_refused(page: MessengerClient) -> None:
    payload = {"recipient": {"id": CITIZEN}, "messaging_type": "RESPONSE", "message": {"text": "x"}}
    for token in ("stolen", ""):
        assert page.refusal_in(*await page.post(payload, token=token)) == "190"
    old = f"{page.messenger.base_url}/v19.0/me/messages"
    assert page.refusal_in(*await page.call("POST", old, json=payload)) == "2500"
    assert page.refusal_in(*await page.call("POST", "123/messages", json=payload)) == "100/33"
    assert page.messenger.ledger.messages == []


# ---------------------------------------------------------------------- windows


async def test_the_window_closes_after_a_day_and_opens_by_the_next_message(page: MessengerClient) -> None:
    page.time_passes(hours=23, minutes=59)
    assert (await page.send({"text": "x"}))[0] == 200
    assert (await page.send({"text": "x"}, messaging_type="UPDATE"))[0] == 200
    page.time_passes(minutes=1)
    status, body = await page.send({"text": "x"})
    assert page.refusal_in(status, body) == "10/2018278"
    assert body["error"]["message"].startswith("(#10) This message is sent outside of allowed window.")
    assert await page.refused({"text": "x"}, messaging_type="UPDATE") == "10/2018278"
    assert await page.refused(None, sender_action="typing_on", messaging_type=None) == "10/2018278"
    seen = {"recipient": {"id": CITIZEN}, "sender_action": "mark_seen"}
    assert (await page.post(seen))[0] == 200
    page.messenger.heard_from(CITIZEN)
    assert (await page.send({"text": "x"}))[0] == 200


async def test_a_person_may_answer_within_seven_days(page: MessengerClient) -> None:
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    page.time_passes(days=6, hours=23)
    assert (await page.send({"text": "x"}, **human))[0] == 200
    page.time_passes(hours=1)
    assert await page.refused({"text": "x"}, **human) == "10/2018278"


async def test_whoever_blocked_the_page_is_not_reached_and_another_app_keeps_us_out(
    page: MessengerClient,
) -> None:
    person = page.messenger.people.meet(CITIZEN)
    for refusal in ("551/1545041", "200/1545041", "2"):
        person.refuses = refusal
        assert await page.refused({"text": "x"}) == refusal
    person.refuses, person.has_control = "", "263902037430900"
    assert await page.refused({"text": "x"}) == "10/2018300"


# ---------------------------------------------------------------------- private replies


def commented(messenger: FakeMessenger, psid: str = "7411000000000009", ident: str = "901_1") -> Comment:
    author = messenger.people.meet(psid, "Maria Adu")
    comment = Comment(ident, f"{messenger.page_id}_901", author, messenger.clock(), "Bagaimana?")
    messenger.commented(comment)
    return comment


def privately(comment: Comment) -> dict[str, Any]:
    return {"recipient": {"comment_id": comment.id}, "messaging_type": None}


async def test_a_comment_is_answered_privately_once_and_again_only_when_the_person_answers(
    page: MessengerClient,
) -> None:
    comment = commented(page.messenger)
    psid = comment.author.psid
    assert await page.refused({"text": "x"}, recipient={"id": psid}) == "100/2018001"
    status, body = await page.send({"text": "Halo"}, **privately(comment))
    assert (status, body["recipient_id"]) == (200, psid)
    (sent,) = page.messenger.ledger.messages
    assert (sent.to, sent.reply_to) == (psid, comment.id)
    assert await page.refused({"text": "lagi"}, **privately(comment)) == "10900"
    assert await page.refused({"text": "lagi"}, recipient={"id": psid}) == "10/2018278"
    another = commented(page.messenger, ident="901_2")
    assert await page.refused({"text": "lagi"}, recipient={"id": psid}) == "10/2018278"
    assert (await page.send({"text": "Halo"}, **privately(another)))[0] == 200
    page.messenger.heard_from(psid)
    assert (await page.send({"text": "lagi"}, recipient={"id": psid}))[0] == 200


async def test_a_comment_is_answered_privately_within_seven_days(page: MessengerClient) -> None:
    comment = commented(page.messenger)
    page.time_passes(days=7)
    assert await page.refused({"text": "x"}, **privately(comment)) == "10903"


async def test_the_page_does_not_answer_itself_nor_under_a_tag(page: MessengerClient) -> None:
    own = commented(page.messenger, psid=page.messenger.page_id)
    assert await page.refused({"text": "x"}, **privately(own)) == "10903"
    comment = commented(page.messenger, ident="901_3")
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert await page.refused({"text": "x"}, **(privately(comment) | human)) == "100"


async def test_a_private_reply_that_never_arrived_may_be_tried_again(page: MessengerClient) -> None:
    comment = commented(page.messenger)
    page.messenger.next_send("drop_before", "613")
    with pytest.raises(ClientError):
        await page.send({"text": "Halo"}, **privately(comment))
    assert (await page.send({"text": "Halo"}, **privately(comment)))[0] == 400
    assert (await page.send({"text": "Halo"}, **privately(comment)))[0] == 200


async def test_a_comment_opens_the_window_of_a_conversation_that_there_is(page: MessengerClient) -> None:
    page.time_passes(days=2)
    assert await page.refused({"text": "x"}) == "10/2018278"
    commented(page.messenger, psid=CITIZEN)
    assert (await page.send({"text": "x"}))[0] == 200


# ---------------------------------------------------------------------- faults on order


async def test_faults_come_in_order_and_only_for_whom_they_are_meant(page: MessengerClient) -> None:
    page.messenger.next_send("613", "http500", to=CITIZEN)
    page.messenger.heard_from("7422")
    assert (await page.send({"text": "x"}, recipient={"id": "7422"}))[0] == 200
    status, body = await page.send({"text": "x"})
    assert (status, body["error"]["code"], body["error"]["is_transient"]) == (400, 613, True)
    assert (await page.send({"text": "x"}))[0] == 500
    assert (await page.send({"text": "x"}))[0] == 200
    assert [line.outcome for line in page.messenger.ledger] == ["accepted", "ordered", "http500", "accepted"]
    assert page.messenger.ledger.refused == []
    with pytest.raises(ValueError, match="no such fault"):
        page.messenger.next_send("131047")


@pytest.mark.parametrize(
    ("fault", "status", "code", "subcode"),
    [
        ("10/2018278", 403, 10, 2018278),
        ("10/2018278@200", 200, 10, 2018278),
        ("190/463", 401, 190, 463),
        ("2", 500, 2, None),
        ("200", 403, 200, None),
        ("551@200", 200, 551, None),
        ("http429", 429, 4, None),
    ],
)
async def test_any_refusal_can_be_ordered_even_under_http_200(
    page: MessengerClient, fault: str, status: int, code: int, subcode: int | None
) -> None:
    page.messenger.every_send_fails(fault)
    said, body = await page.send({"text": "x"})
    error = body["error"]
    assert (said, error["code"], error.get("error_subcode")) == (status, code, subcode)
    assert page.messenger.ledger.messages == []


async def test_cut_off_before_and_after(page: MessengerClient) -> None:
    page.messenger.next_send("drop_before", "drop_after")
    for _ in range(2):
        with pytest.raises(ClientError):
            await page.send({"text": "x"})
    assert [line.reached for line in page.messenger.ledger] == [False, True]


async def test_a_slow_answer_waits_for_its_release(page: MessengerClient) -> None:
    page.messenger.next_send("slow")
    arrived = asyncio.Event()
    page.messenger.ledger.on_line.append(lambda _: arrived.set())
    answer = asyncio.create_task(page.send({"text": "x"}))
    await arrived.wait()
    assert not answer.done()
    page.messenger.release()
    assert (await answer)[0] == 200


async def test_more_than_three_hundred_texts_in_a_second_are_too_many(page: MessengerClient) -> None:
    page.messenger.rate_limit = True
    for _ in range(300):
        assert (await page.send({"text": "x"}))[0] == 200
    assert await page.refused({"text": "x"}) == "613"
    page.time_passes(seconds=1)
    assert (await page.send({"text": "x"}))[0] == 200


async def test_more_than_750_private_replies_in_an_hour_are_too_many(page: MessengerClient) -> None:
    page.messenger.rate_limit = True
    answers = [commented(page.messenger, ident=f"901_{n}") for n in range(751)]
    for comment in answers[:-1]:
        assert (await page.send({"text": "x"}, **privately(comment)))[0] == 200
    assert await page.refused({"text": "x"}, **privately(answers[-1])) == "613"


async def test_a_throttle_says_when_to_come_back(page: MessengerClient) -> None:
    page.messenger.next_send("613", retry_after=300)
    payload = {"recipient": {"id": CITIZEN}, "messaging_type": "RESPONSE", "message": {"text": "x"}}
    headers = {"Authorization": f"Bearer {page.messenger.access_token}"}
    url = f"{page.messenger.base_url}/v25.0/me/messages"
    async with page.http.post(url, json=payload, headers=headers) as answer:
        usage = json.loads(answer.headers["X-Business-Use-Case-Usage"])
    assert usage[page.messenger.page_id][0]["estimated_time_to_regain_access"] == 5
