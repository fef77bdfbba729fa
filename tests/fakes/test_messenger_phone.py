"""The phone of Messenger writes what Meta writes of a person, and shows what the person would see."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.fakes import bodies, pictures
from tests.fakes.messenger_client import CITIZEN, NOW, MessengerClient, open_page
from tests.fakes.messenger_threads import PAGE_INBOX
from tests.messenger_phone import MessengerPhone, NoSuchButton

MOMENT = int(NOW.timestamp() * 1000)


@dataclass
class Door:
    """An app of nothing but a door."""

    url: str = ""
    status: int = 200
    raw: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.raw.append(await request.read())
        self.signatures.append(request.headers[bodies.WHATSAPP_HEADER])
        return web.Response(status=self.status)

    @property
    def entries(self) -> list[Any]:
        return [entry for raw in self.raw for entry in json.loads(raw)["entry"]]

    @property
    def items(self) -> list[Any]:
        """Everything between a person and the Page."""
        return [item for entry in self.entries for item in entry.get("messaging", ())]

    @property
    def changes(self) -> list[Any]:
        return [change["value"] for entry in self.entries for change in entry.get("changes", ())]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    here = Door()
    app = web.Application()
    app.router.add_post("/hook", here.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield here
    await runner.cleanup()


@pytest.fixture
async def page(door: Door) -> AsyncIterator[MessengerClient]:
    async with open_page(webhook_url=door.url) as client:
        yield client


@pytest.fixture
def citizen(page: MessengerClient, door: Door) -> MessengerPhone:
    return MessengerPhone(page.messenger, door.url, psid=CITIZEN)


def quick(*titles: str) -> list[dict[str, str]]:
    return [{"content_type": "text", "title": t, "payload": f"q:{t}"} for t in titles]


def buttons(text: str, *titles: str) -> dict[str, Any]:
    those = [{"type": "postback", "title": title, "payload": f"b:{title}"} for title in titles]
    payload = {"template_type": "button", "text": text, "buttons": those}
    return {"attachment": {"type": "template", "payload": payload}}


# ---------------------------------------------------------------------- what the person does


async def test_a_text_is_signed_and_written_as_meta_does(citizen: MessengerPhone, door: Door) -> None:
    assert await citizen.says("sélamat/pagi @loket") == 200
    (raw,), (item,) = door.raw, door.items
    assert door.signatures == [bodies.signature(raw, citizen.app_secret)]
    assert rb"s\u00e9lamat\/pagi \u0040loket" in raw
    assert item["sender"] == {"id": CITIZEN}
    assert item["recipient"] == {"id": citizen.messenger.page_id}
    assert item["timestamp"] == MOMENT
    assert item["message"]["text"] == "sélamat/pagi @loket"
    assert door.entries[0]["time"] == MOMENT


async def test_times_may_be_seconds_and_ids_numbers(citizen: MessengerPhone, door: Door) -> None:
    citizen.messenger.in_seconds = citizen.messenger.numeric_ids = True
    await citizen.says("halo")
    (item,) = door.items
    assert item["timestamp"] == MOMENT // 1000
    assert item["sender"] == {"id": int(CITIZEN)}


async def test_what_is_sent_opens_the_window(page: MessengerClient, citizen: MessengerPhone) -> None:
    for act in (citizen.says("halo"), citizen.starts(), citizen.sends_sticker()):
        page.time_passes(days=3)
        assert await page.refused({"text": "x"}) == "10/2018278"
        await act
        assert (await page.send({"text": "x"}))[0] == 200
    page.time_passes(days=3)
    await citizen.follows_link("brosur-ktp")
    assert await page.refused({"text": "x"}) == "10/2018278"
    await citizen.reacts("❤")
    assert (await page.send({"text": "x"}))[0] == 200


async def test_files_come_behind_links_that_can_be_fetched(
    page: MessengerClient, citizen: MessengerPhone, door: Door
) -> None:
    await citizen.sends_photo(pictures.jpeg(), "ini KK saya")
    await citizen.sends_document(pictures.pdf(), "akta lahir.pdf")
    await citizen.sends_voice()
    await citizen.sends_video(b"video")
    messages = [item["message"] for item in door.items]
    assert messages[1]["text"] == "ini KK saya"
    files = [message["attachments"][0] for message in messages if "attachments" in message]
    assert [file["type"] for file in files] == ["image", "file", "audio", "video"]
    fetched = [await page.call("GET", file["payload"]["url"], token="") for file in files]
    assert fetched[0] == (200, pictures.jpeg())
    assert fetched[1] == (200, pictures.pdf())
    assert "akta%20lahir.pdf" in files[1]["payload"]["url"]


async def test_an_album_is_one_message_or_several_in_any_order(citizen: MessengerPhone, door: Door) -> None:
    assert await citizen.sends_album(pictures.photos(3), "KK dan KTP") == [200, 200]
    assert len(door.items[0]["message"]["attachments"]) == 3
    assert door.items[1]["message"]["text"] == "KK dan KTP"
    door.raw.clear()
    assert await citizen.sends_album(pictures.photos(3), shuffle=1, twice=(0,)) == [200] * 4
    mids = [item["message"]["mid"] for item in door.items]
    assert (len(mids), len(set(mids))) == (4, 3)
    assert mids != sorted(mids)


async def test_the_other_kinds(citizen: MessengerPhone, door: Door, page: MessengerClient) -> None:
    await page.send({"text": "Selamat"})
    await citizen.sends_sticker()
    await citizen.likes(as_image=True)
    await citizen.sends_location(-10.5, 123.25)
    await citizen.shares("https://loket.test/", payload="hanya teks")
    await citizen.sends_attachment({"type": "reel", "payload": {"reel_video_id": 7}})
    await citizen.sends_unknown()
    await citizen.reacts("👍", "like")
    await citizen.reacts("")
    await citizen.unsends()
    await citizen.happens(optin={"type": "one_time_notif_req"})
    items = door.items
    sticker, thumb = items[0]["message"]["attachments"][0], items[1]["message"]
    assert (sticker["type"], "sticker_id" in items[0]["message"]) == ("sticker", False)
    assert (thumb["attachments"][0]["type"], thumb["sticker_id"]) == ("image", 369239263222822)
    coordinates = items[2]["message"]["attachments"][0]["payload"]["coordinates"]
    assert coordinates == {"lat": -10.5, "long": 123.25}
    assert items[3]["message"]["attachments"][0]["payload"] == "hanya teks"
    assert items[4]["message"]["attachments"][0]["type"] == "reel"
    assert items[5]["message"]["is_unsupported"] is True
    mid = citizen.last_message.id
    assert items[6]["reaction"] == {"mid": mid, "action": "react", "emoji": "👍", "reaction": "like"}
    assert items[7]["reaction"] == {"mid": mid, "action": "unreact"}
    assert items[8]["message"] == {"mid": items[5]["message"]["mid"], "is_deleted": True}
    assert items[9]["optin"] == {"type": "one_time_notif_req"}


async def test_a_text_is_corrected_and_answers_another(
    citizen: MessengerPhone, door: Door, page: MessengerClient
) -> None:
    await page.send({"text": "Nomor permohonan?"})
    await citizen.says("AK-2014", in_reply_to=citizen.last_message)
    await citizen.edits("AK-2041")
    said, edited = door.items
    assert said["message"]["reply_to"] == {"mid": citizen.last_message.id}
    assert edited["message_edit"] == {"mid": said["message"]["mid"], "text": "AK-2041", "num_edit": 1}


async def test_get_started_and_a_link_carry_their_referral(citizen: MessengerPhone, door: Door) -> None:
    await citizen.starts("MULAI", ref="brosur-ktp")
    await citizen.follows_link("brosur-kk")
    started, followed = door.items
    assert started["postback"]["payload"] == "MULAI"
    assert started["postback"]["referral"]["ref"] == "brosur-ktp"
    assert followed["referral"] == {"ref": "brosur-kk", "source": "SHORTLINK", "type": "OPEN_THREAD"}


async def test_a_body_is_repeated_and_delivered_again(citizen: MessengerPhone, door: Door) -> None:
    door.status = 500
    assert await citizen.says("halo") == 500
    door.status = 200
    assert await citizen.redelivers() == [200]
    assert await citizen.repeats(2) == [200, 200]
    assert len(set(door.raw)) == 1


async def test_an_app_that_has_not_subscribed_hears_nothing(citizen: MessengerPhone, door: Door) -> None:
    citizen.messenger.subscribed_fields = {"messaging_postbacks"}
    for act in (citizen.says("halo"), citizen.comments("halo")):
        with pytest.raises(AssertionError, match="not subscribed"):
            await act
    assert await citizen.starts() == 200
    assert len(door.raw) == 1


# ---------------------------------------------------------------------- what the person sees and taps


async def test_a_quick_reply_is_tapped_once_and_then_gone(
    page: MessengerClient, citizen: MessengerPhone, door: Door
) -> None:
    await page.send({"text": "Benar?", "quick_replies": quick("Ya", "Tidak")})
    assert await citizen.hears(containing="Benar?") == "Benar?"
    assert citizen.buttons == ["Ya", "Tidak"]
    assert await citizen.taps("Ya") == 200
    (item,) = door.items
    assert (item["message"]["text"], item["message"]["quick_reply"]) == ("Ya", {"payload": "q:Ya"})
    with pytest.raises(NoSuchButton):
        await citizen.taps("Tidak")
    assert await citizen.taps("Tidak", older=True) == 200


async def test_quick_replies_go_when_something_is_said(
    page: MessengerClient, citizen: MessengerPhone
) -> None:
    await page.send({"text": "Benar?", "quick_replies": quick("Ya")})
    await page.send({"text": "Sebentar."})
    with pytest.raises(NoSuchButton):
        await citizen.taps("Ya")
    await page.send({"text": "Benar?", "quick_replies": quick("Ya")})
    await citizen.says("ya")
    with pytest.raises(NoSuchButton):
        await citizen.taps("Ya")


async def test_a_button_of_a_template_stays(
    page: MessengerClient, citizen: MessengerPhone, door: Door
) -> None:
    await page.send(buttons("Pilih", "KTP", "KK") | {"quick_replies": quick("Batal")})
    assert citizen.buttons == ["KTP", "KK", "Batal"]
    for _ in range(2):
        assert await citizen.taps("KTP") == 200
    tapped = [item["postback"] for item in door.items]
    assert [(tap["title"], tap["payload"]) for tap in tapped] == [("KTP", "b:KTP")] * 2
    assert tapped[0]["mid"] != tapped[1]["mid"]
    assert citizen.buttons == ["KTP", "KK"]


async def test_a_link_is_opened_not_tapped(page: MessengerClient, citizen: MessengerPhone) -> None:
    link = {"type": "web_url", "title": "Formulir", "url": "https://loket.test/f"}
    payload = {"template_type": "button", "text": "Isi", "buttons": [link]}
    await page.send({"attachment": {"type": "template", "payload": payload}})
    assert citizen.link("Formulir") == "https://loket.test/f"
    with pytest.raises(NoSuchButton):
        await citizen.taps("Formulir")


async def test_files_are_received_each_by_itself(page: MessengerClient, citizen: MessengerPhone) -> None:
    await page.send_file("file", pictures.pdf(), "application/pdf", "akta.pdf")
    uploads = [(await page.upload("image", photo, "image/jpeg"))[1] for photo in pictures.photos(3)]
    await page.send({"attachments": [{"type": "image", "payload": upload} for upload in uploads]})
    received = await citizen.receives(4)
    assert [file.media for file in received] == [pictures.pdf(), *pictures.photos(3)]


async def test_nobody_sees_what_is_for_another_or_never_arrived(
    page: MessengerClient, citizen: MessengerPhone
) -> None:
    page.messenger.heard_from("7422")
    await page.send({"text": "x"}, recipient={"id": "7422"})
    citizen.blocks()
    assert await page.refused({"text": "x"}) == "551/1545041"
    citizen.unblocks()
    await page.send({"text": "halo"})
    assert citizen.everything == ["halo"]


# ---------------------------------------------------------------------- receipts, echoes, the Page's people


async def test_receipts_are_watermarks(page: MessengerClient, citizen: MessengerPhone, door: Door) -> None:
    await page.send({"text": "halo"})
    mid = citizen.last_message.id
    page.time_passes(minutes=1)
    await citizen.has_got_it()
    await citizen.has_got_it(mids=False)
    await citizen.reads()
    delivered, bare, read = door.items
    assert delivered["delivery"] == {"watermark": MOMENT, "mids": [mid]}
    assert bare["delivery"] == {"watermark": MOMENT}
    assert read["read"] == {"watermark": MOMENT}
    assert read["timestamp"] == MOMENT + 60_000
    with pytest.raises(ValueError, match="delivered and read"):
        await page.messenger.emit_status(citizen.last_message, "failed")


@pytest.mark.parametrize("first", [True, False])
async def test_echoes_and_receipts_come_without_being_asked(
    page: MessengerClient, door: Door, first: bool
) -> None:
    page.messenger.echoes, page.messenger.statuses_first = True, first
    page.messenger.auto_statuses = ("delivered", "read")
    status, body = await page.send({"text": "halo", "metadata": "outbox-7"})
    assert status == 200
    assert len(door.items) == 3 or not first
    await page.messenger.settled()
    echo, delivery, read = door.items
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (page.messenger.page_id, CITIZEN)
    assert echo["message"] == {
        "mid": body["message_id"],
        "is_echo": True,
        "app_id": int(page.messenger.app_id),
        "metadata": "outbox-7",
        "text": "halo",
    }
    assert delivery["delivery"]["mids"] == [body["message_id"]]
    assert "mids" not in read["read"]


async def test_an_echo_shows_files_and_templates(page: MessengerClient, door: Door) -> None:
    page.messenger.echoes = True
    await page.send(buttons("Pilih", "KTP"))
    await page.send_file("file", pictures.pdf(), "application/pdf", "akta.pdf")
    await page.messenger.settled()
    template, file = (item["message"]["attachments"][0] for item in door.items)
    assert (template["type"], template["payload"]["text"]) == ("template", "Pilih")
    assert await page.call("GET", file["payload"]["url"], token="") == (200, pictures.pdf())


async def test_what_never_arrived_is_not_echoed(page: MessengerClient, door: Door) -> None:
    page.messenger.echoes, page.messenger.statuses_first = True, True
    page.messenger.next_send("http500", "613")
    for _ in range(2):
        assert (await page.send({"text": "halo"}))[0] >= 400
    assert door.raw == []


async def test_while_another_app_has_the_conversation_all_comes_as_standby(
    page: MessengerClient, citizen: MessengerPhone, door: Door
) -> None:
    assert await page.messenger.staff_takes(CITIZEN) == 200
    await citizen.says("halo, ada orang?")
    await page.messenger.staff_answers(CITIZEN, "Ada, Mama.")
    await page.messenger.staff_hands_back(CITIZEN, metadata="selesai")
    await citizen.says("terima kasih")
    assert [key for entry in door.entries for key in entry if key in ("messaging", "standby")] == [
        "messaging",
        "standby",
        "standby",
        "messaging",
        "messaging",
    ]
    echo = door.entries[2]["standby"][0]["message"]
    assert (echo["is_echo"], echo["app_id"], echo["text"]) == (True, int(PAGE_INBOX), "Ada, Mama.")
    back = door.entries[3]["messaging"][0]["pass_thread_control"]
    assert back == {
        "new_owner_app_id": page.messenger.app_id,
        "previous_owner_app_id": PAGE_INBOX,
        "metadata": "selesai",
    }
    assert "Ada, Mama." in citizen.everything
    assert (await page.send({"text": "x"}))[0] == 200


async def test_the_app_hears_of_the_verdict_on_a_template(page: MessengerClient, door: Door) -> None:
    made = page.messenger.register_template("siap", "Permohonan {{1}} siap diambil.")
    page.messenger.review("siap", "REJECTED", reason="PROMOTIONAL")
    assert await page.messenger.emit_verdict("siap") == 200
    assert door.changes == [
        {
            "event": "REJECTED",
            "message_template_id": made.id,
            "message_template_name": "siap",
            "message_template_language": "id",
            "reason": "PROMOTIONAL",
        }
    ]


# ---------------------------------------------------------------------- under the Page's posts


async def test_a_comment_and_what_becomes_of_it(citizen: MessengerPhone, door: Door) -> None:
    assert await citizen.comments("Bagaimana buat KTP?") == 200
    await citizen.edits_comment("Bagaimana buat KTP-el?")
    await citizen.page_comments("Kami jawab lewat pesan.")
    await citizen.comments("Terima kasih", under=citizen.written[0], anonymous=True)
    await citizen.likes_post()
    await citizen.removes_comment()
    added, edited, own, anonymous, liked, removed = door.changes
    assert door.entries[0]["changes"][0]["field"] == "feed"
    assert door.entries[0]["time"] == MOMENT // 1000
    assert (added["item"], added["verb"], added["message"]) == ("comment", "add", "Bagaimana buat KTP?")
    assert added["from"] == {"id": CITIZEN, "name": "Yohana Ndolu"}
    assert added["parent_id"] == added["post_id"]
    assert added["created_time"] == MOMENT // 1000
    assert (edited["verb"], edited["comment_id"]) == ("edited", added["comment_id"])
    assert own["from"]["id"] == citizen.messenger.page_id
    assert "from" not in anonymous
    assert anonymous["parent_id"] == added["comment_id"]
    assert (liked["item"], liked["verb"]) == ("reaction", "add")
    assert (removed["verb"], "message" in removed) == ("remove", False)


async def test_a_private_reply_reaches_the_phone_unless_the_comment_is_gone(
    page: MessengerClient, door: Door
) -> None:
    maria = MessengerPhone(page.messenger, door.url, psid="7433", name="Maria Adu")
    await maria.comments("Bagaimana buat KTP?")
    reply = {"recipient": {"comment_id": maria.written[0].id}, "messaging_type": None}
    assert (await page.send({"text": "Halo, Mama Maria"}, **reply))[0] == 200
    assert await maria.hears(containing="Mama Maria") == "Halo, Mama Maria"
    await maria.comments("Yang ini salah")
    gone: dict[str, Any] = {"recipient": {"comment_id": maria.written[1].id}, "messaging_type": None}
    await maria.removes_comment()
    assert await page.refused({"text": "Halo"}, **gone) == "100/2018292"
