"""pywa, which nobody here wrote, reads what our phones write as we meant it.

Each body is posted, its signature judged and its content parsed by pywa's own update types.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pywa import handlers
from pywa.client import WhatsApp
from pywa.errors import MessageUndeliverable, UnsupportedMessageType
from pywa.types.callback import CallbackButton, CallbackSelection
from pywa.types.flows import FlowCompletion
from pywa.types.message import DeletedMessage, EditedMessage, Message
from pywa.types.message_status import MessageStatus
from pywa.types.others import ContactsOrigin
from pywa.types.system import IdentityChange, PhoneNumberChange

from tests.fakes import FakeGraph, bodies, pictures
from tests.fakes.conftest import NOW
from tests.fakes.test_phones import tell
from tests.phones import WhatsAppPhone

NUMBER, BSUID = "6281234567890", "ID.13491208655302741918"
HANDLERS = (
    handlers.MessageHandler,
    handlers.CallbackButtonHandler,
    handlers.CallbackSelectionHandler,
    handlers.FlowCompletionHandler,
    handlers.EditedMessageHandler,
    handlers.DeletedMessageHandler,
    handlers.MessageStatusHandler,
    handlers.PhoneNumberChangeHandler,
    handlers.IdentityChangeHandler,
)


class Reader:
    """A door behind which pywa reads: ``updates`` are what it understood."""

    def __init__(self, graph: FakeGraph) -> None:
        self.url = ""
        self.updates: list[Any] = []
        self.bot = WhatsApp(
            phone_id=graph.phone_number_id,
            waba_id=graph.waba_id,
            token="not used",
            app_secret=graph.app_secret,
            verify_token="x",
        )
        for handler in HANDLERS:
            self.bot.add_handlers(handler(lambda _, update: self.updates.append(update)))

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if self.bot.webhook_update_validator(raw, request.headers.get("X-Hub-Signature-256")):
            return web.Response(status=401)
        words, status = self.bot.webhook_update_handler(raw)
        return web.Response(status=status, text=words)

    def last(self, kind: type[Any]) -> Any:
        assert isinstance(self.updates[-1], kind), self.updates[-1:]
        return self.updates[-1]


@pytest.fixture
async def pywa(graph: FakeGraph) -> AsyncIterator[Reader]:
    reader = Reader(graph)
    app = web.Application()
    app.router.add_post("/hook", reader.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield reader
    await runner.cleanup()


@pytest.fixture
def citizen(graph: FakeGraph, pywa: Reader) -> WhatsAppPhone:
    return WhatsAppPhone(graph, pywa.url, wa_id=NUMBER, bsuid=BSUID)


async def test_a_text_is_from_whom_and_when_we_said(citizen: WhatsAppPhone, pywa: Reader) -> None:
    assert await citizen.says("Né 👍 a@b.id https://a.id/x") == 200
    message = pywa.last(Message)
    assert message.text == "Né 👍 a@b.id https://a.id/x"
    assert (message.from_user.wa_id, message.from_user.bsuid) == (NUMBER, BSUID)
    assert (message.from_user.name, message.timestamp) == ("Yohana Ndolu", NOW)
    assert message.id == citizen.written[-1]
    assert not message.forwarded


async def test_a_body_of_a_forger_is_turned_away(graph: FakeGraph, pywa: Reader) -> None:
    assert await WhatsAppPhone(graph, pywa.url, app_secret="guessed").says("halo") == 401
    assert pywa.updates == []


async def test_who_hides_the_number_has_a_username_and_an_id(graph: FakeGraph, pywa: Reader) -> None:
    await WhatsAppPhone(graph, pywa.url, wa_id=None, bsuid=BSUID).says("halo")
    user = pywa.last(Message).from_user
    assert (user.wa_id, user.bsuid, user.username) == (None, BSUID, "yohana.ndolu")


async def test_files_have_their_ids_kinds_and_names(
    citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader
) -> None:
    photo = pictures.jpeg(4)
    await citizen.sends_photo(photo, caption="KTP")
    image = pywa.last(Message)
    assert (image.caption, image.image.mime_type) == ("KTP", "image/jpeg")
    assert graph.media[image.image.id].data == photo
    assert image.image.sha256 == graph.media[image.image.id].sha256_base64
    await citizen.sends_document(pictures.pdf(), "surat.pdf")
    assert pywa.last(Message).document.filename == "surat.pdf"
    await citizen.sends_sticker()
    assert pywa.last(Message).sticker.animated is False
    await citizen.sends_voice()
    assert pywa.last(Message).voice.mime_type == "audio/ogg; codecs=opus"


async def test_each_photo_of_an_album_is_a_message(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.sends_album(pictures.photos(3), "KK", shuffle=1)
    assert sorted(update.id for update in pywa.updates) == citizen.written
    assert [update.caption for update in pywa.updates if update.caption] == ["KK"]


async def test_a_place_and_a_card(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.sends_location(-10.72, 0.0, "Kantor", "Ba'a")
    place = pywa.last(Message).location
    assert (place.latitude, place.longitude, place.name, place.address) == (-10.72, 0.0, "Kantor", "Ba'a")
    await citizen.sends_contact("+6281200000001", "Petrus Adu")
    cards = pywa.last(Message).contacts
    assert (cards.origin, cards[0].name.formatted_name) == (ContactsOrigin.OTHER, "Petrus Adu")
    assert cards[0].phones[0].phone == "+6281200000001"
    await citizen.sends_contact("+6281234567890", "Yohana Ndolu", own=True)
    assert pywa.last(Message).contacts.origin is ContactsOrigin.CONTACT_REQUEST


@pytest.mark.parametrize(("often", "many"), [(False, False), (True, True)])
async def test_what_is_passed_on_says_so(
    citizen: WhatsAppPhone, pywa: Reader, often: bool, many: bool
) -> None:
    await citizen.forwards("Katanya gratis", often=often)
    message = pywa.last(Message)
    assert (message.forwarded, message.forwarded_many_times, message.reply_to_message) == (True, many, None)


async def test_a_quote_a_reaction_and_its_end(citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader) -> None:
    await citizen.says("halo")
    await tell(graph, "text", {"body": "Selamat pagi"})
    ours = citizen.last_message
    await citizen.quotes(ours, "ini")
    assert pywa.last(Message).reply_to_message.id == ours.id
    for emoji, shown in (("👍", "👍"), ("", None), (None, None)):
        await citizen.reacts(emoji)
        reaction = pywa.last(Message).reaction
        assert (reaction.message_id, reaction.emoji) == (ours.id, shown)


async def test_an_edit_and_a_deletion_name_the_message(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.says("sallah")
    first = citizen.written[-1]
    await citizen.edits("salah")
    edit = pywa.last(EditedMessage)
    assert (edit.original_message_id, edit.message.text, edit.from_user.bsuid) == (first, "salah", BSUID)
    await citizen.revokes()
    assert pywa.last(DeletedMessage).original_message_id == first


async def test_taps_bring_back_their_ids(citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader) -> None:
    await citizen.says("halo")
    reply = {"type": "reply", "reply": {"id": "b1", "title": "Lanjut"}}
    await tell(
        graph, "interactive", {"type": "button", "body": {"text": "Ya?"}, "action": {"buttons": [reply]}}
    )
    await citizen.taps("Lanjut")
    tap = pywa.last(CallbackButton)
    assert (tap.data, tap.title, tap.reply_to_message.id) == ("b1", "Lanjut", citizen.last_message.id)

    row = {"id": "r1", "title": "KTP-el hilang…", "description": "KTP-el hilang atau rusak"}
    action = {"button": "Pilih", "sections": [{"rows": [row]}]}
    await tell(graph, "interactive", {"type": "list", "body": {"text": "Layanan"}, "action": action})
    await citizen.taps("KTP-el hilang…")
    chosen = pywa.last(CallbackSelection)
    assert (chosen.data, chosen.title, chosen.description) == ("r1", row["title"], row["description"])


async def test_a_templates_button(citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader) -> None:
    quick = [{"type": "QUICK_REPLY", "text": "Status"}]
    graph.register_template("siap", "Permohonan Bapak/Ibu sudah siap.", buttons=quick)
    await tell(graph, "template", {"name": "siap", "language": {"code": "id"}})
    await citizen.taps("Status")
    tap = pywa.last(CallbackButton)
    assert tap.is_quick_reply
    assert (tap.data, tap.title) == ("Status", "Status")


@pytest.mark.parametrize("token", [True, False])
async def test_a_form_filled_in(citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader, token: bool) -> None:
    await citizen.says("halo")
    parameters = {"flow_message_version": "3", "flow_id": "77", "flow_token": "t-9", "flow_cta": "Isi"}
    action = {"name": "flow", "parameters": parameters}
    await tell(graph, "interactive", {"type": "flow", "body": {"text": "Mohon"}, "action": action})
    await citizen.fills_in({"nama": "Yohana"}, token=token)
    form = pywa.last(FlowCompletion)
    assert (form.response, form.token) == ({"nama": "Yohana"}, "t-9" if token else None)
    assert form.reply_to_message.id == citizen.last_message.id


async def test_what_whatsapp_does_not_pass_on(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.sends_unknown()
    message = pywa.last(Message)
    assert (message.type.value, message.unsupported.type) == ("unsupported", "poll")
    assert isinstance(message.error, UnsupportedMessageType)
    await citizen.orders()
    assert pywa.last(Message).order.products[0].sku == "sku-1"
    await citizen.says_in_group("halo semua")
    assert pywa.last(Message).chat.id == "120363023456789012"


async def test_a_new_number_comes_with_a_new_id(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.says("halo")
    await citizen.changes_number("6281299999999", "ID.999")
    change = pywa.last(PhoneNumberChange)
    assert (change.old_wa_id, change.new_wa_id, change.new_user_id) == (NUMBER, "6281299999999", "ID.999")
    await citizen.changes_number(None, "ID.998")
    hidden = pywa.last(PhoneNumberChange)
    assert (hidden.sys_type.value, hidden.new_wa_id, hidden.new_user_id) == (
        "user_changed_user_id",
        None,
        "ID.998",
    )
    await citizen.says("saya yang lama")
    assert (pywa.last(Message).from_user.bsuid, pywa.last(Message).from_user.wa_id) == ("ID.998", None)


async def test_another_device(citizen: WhatsAppPhone, pywa: Reader) -> None:
    await citizen.changes_phone()
    change = pywa.last(IdentityChange)
    assert (change.from_user.wa_id, change.identity.acknowledged) == (NUMBER, False)


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played"])
async def test_a_status_names_the_message_and_our_tag(
    citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader, status: str
) -> None:
    await citizen.says("halo")
    await tell(graph, "text", {"body": "Halo"})
    graph.webhook_url = pywa.url
    sent = citizen.last_message
    sent.callback_data = "4711"
    assert await graph.emit_status(sent, status) == 200
    told = pywa.last(MessageStatus)
    assert (told.id, told.status.value, told.tracker, told.timestamp) == (sent.id, status, "4711", NOW)
    assert (told.from_user.wa_id, told.from_user.bsuid) == (NUMBER, BSUID)
    assert told.error is None


async def test_a_failed_status_says_why(citizen: WhatsAppPhone, graph: FakeGraph, pywa: Reader) -> None:
    """Meta sends no contact with a failure, and pywa needs one: here it is added."""
    failure = bodies.whatsapp_error(131026, "Message undeliverable", "Not on WhatsApp")
    said = bodies.whatsapp_status("failed", id="wamid.1", at=NOW, wa_id=NUMBER, errors=[failure])
    contact = bodies.whatsapp_contact(name="", wa_id=NUMBER, bsuid=BSUID)
    assert await graph.deliver(graph.webhook_body(statuses=[said], contacts=[contact]), url=pywa.url) == 200
    told = pywa.last(MessageStatus)
    assert (told.status.value, told.error.details) == ("failed", "Not on WhatsApp")
    assert isinstance(told.error, MessageUndeliverable)
