"""What pywa's client builds, our pretend Graph API takes over its socket; what pywa cannot build, it refuses.

pywa is an independent writer of WhatsApp payloads: where it and the fake disagree, one of them is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pywa import errors
from pywa.client import WhatsApp
from pywa.types.callback import (
    Button,
    FlowButton,
    Section,
    SectionList,
    SectionRow,
    URLButton,
)
from pywa.types.flows import FlowActionType
from pywa.types.others import Contact
from pywa.types.templates import BodyText, QuickReplyButton, TemplateLanguage, TemplateStatus
from pywa.types.templates import URLButton as TemplateURLButton

from tests.fakes import FakeGraph, pictures
from tests.fakes.conftest import CITIZEN, NOW

BSUID = "ID.13491208655302741918"
FIRST = "wamid.first"

Send = Callable[[WhatsApp], Any]


@pytest.fixture
def client(graph: FakeGraph) -> Iterator[WhatsApp]:
    """pywa before the fake, in the window of a citizen who has written."""
    graph.heard_from(wa_id=CITIZEN, bsuid=BSUID, message_id=FIRST, at=NOW)
    with httpx.Client(timeout=10) as http:
        bot = WhatsApp(
            phone_id=graph.phone_number_id, waba_id=graph.waba_id, token=graph.access_token, session=http
        )
        http.base_url = httpx.URL(f"{graph.base_url}/{graph.version}")
        yield bot


ROWS = [SectionRow(title=f"Baris {n}", callback_data=f"r{n}", description="Keterangan") for n in range(10)]
FLOW = FlowButton(
    title="Isi formulir",
    flow_id="77",
    flow_token="t-1",
    flow_action_type=FlowActionType.NAVIGATE,
    flow_action_screen="AWAL",
    flow_action_payload={"nama": "Yohana"},
)
CARD = Contact(
    name=Contact.Name(formatted_name="Loket Rote Ndao", first_name="Loket"),
    phones=[Contact.Phone(phone="+62380", type="WORK")],
    emails=[Contact.Email(email="a@b.id", type="WORK")],
    urls=[Contact.Url(url="https://b.id", type="WORK")],
)

TAKEN: dict[str, tuple[Send, str, str]] = {
    # what → how, the kind the ledger gives it, the text a person sees
    "text": (lambda wa: wa.send_message(CITIZEN, "Halo", preview_url=True), "text", "Halo"),
    "by id": (lambda wa: wa.send_message(BSUID, "Halo"), "text", "Halo"),
    "quote": (lambda wa: wa.send_message(CITIZEN, "Ini", reply_to_message_id=FIRST), "text", "Ini"),
    "buttons": (
        lambda wa: wa.send_message(
            CITIZEN, "Pilih", "Judul", "Kaki", buttons=[Button("Ya", "y"), Button("Tidak", "t")]
        ),
        "interactive.button",
        "Judul\nPilih\nKaki",
    ),
    "list": (
        lambda wa: wa.send_message(
            CITIZEN,
            "Layanan",
            buttons=SectionList("Pilih", [Section("KTP", ROWS[:4]), Section("KK", ROWS[4:])]),
        ),
        "interactive.list",
        "Layanan",
    ),
    "link": (
        lambda wa: wa.send_message(CITIZEN, "Isi", buttons=URLButton("Buka", "https://loket.id/f/1")),
        "interactive.cta_url",
        "Isi",
    ),
    "form": (lambda wa: wa.send_message(CITIZEN, "Mohon", buttons=FLOW), "interactive.flow", "Mohon"),
    "place asked": (
        lambda wa: wa.request_location(CITIZEN, "Di mana?"),
        "interactive.location_request_message",
        "Di mana?",
    ),
    "number asked": (
        lambda wa: wa.request_contact_info(CITIZEN, "Nomor?"),
        "interactive.request_contact_info",
        "Nomor?",
    ),
    "photo": (
        lambda wa: wa.send_image(CITIZEN, pictures.jpeg(1), caption="KTP", mime_type="image/jpeg"),
        "image",
        "KTP",
    ),
    "photo with buttons": (
        lambda wa: wa.send_image(
            CITIZEN, pictures.png(1), caption="Ini?", mime_type="image/png", buttons=[Button("Ya", "y")]
        ),
        "interactive.button",
        "Ini?",
    ),
    "document": (
        lambda wa: wa.send_document(
            CITIZEN, pictures.pdf(1), filename="kk.pdf", caption="KK", mime_type="application/pdf"
        ),
        "document",
        "KK",
    ),
    "voice": (lambda wa: wa.send_voice(CITIZEN, pictures.ogg_voice(), mime_type="audio/ogg"), "audio", ""),
    "sticker": (
        lambda wa: wa.send_sticker(CITIZEN, pictures.sticker(), mime_type="image/webp"),
        "sticker",
        "",
    ),
    "file by link": (lambda wa: wa.send_image(CITIZEN, "https://loket.id/contoh.jpg"), "image", ""),
    "place": (lambda wa: wa.send_location(CITIZEN, -10.72, 123.04, "Kantor", "Ba'a"), "location", "Kantor"),
    "bare place": (lambda wa: wa.send_location(CITIZEN, -10.72, 123.04), "location", ""),
    "card": (lambda wa: wa.send_contact(CITIZEN, CARD), "contacts", "Loket Rote Ndao"),
}


@pytest.mark.parametrize("what", TAKEN)
async def test_what_pywa_sends_is_taken(client: WhatsApp, graph: FakeGraph, what: str) -> None:
    send, kind, text = TAKEN[what]
    told = await asyncio.to_thread(send, client)
    (line,) = graph.ledger.messages
    assert (line.type, line.text, line.to, told.id) == (kind, text, CITIZEN, line.id)
    assert graph.ledger.refused == []


async def test_a_tag_goes_along(client: WhatsApp, graph: FakeGraph) -> None:
    await asyncio.to_thread(client.send_message, CITIZEN, "Halo", tracker="4711")
    assert [line.text for line in graph.ledger.of("4711")] == ["Halo"]


async def test_marks_and_reactions_are_taken(client: WhatsApp, graph: FakeGraph) -> None:
    await asyncio.to_thread(client.mark_message_as_read, FIRST)
    await asyncio.to_thread(client.indicate_typing, FIRST)
    await asyncio.to_thread(client.send_reaction, CITIZEN, "👍", FIRST)
    await asyncio.to_thread(client.remove_reaction, CITIZEN, FIRST)
    assert [(line.type, line.text, line.reply_to) for line in graph.ledger] == [
        ("read", "", FIRST),
        ("read+typing", "", FIRST),
        ("reaction", "👍", FIRST),
        ("reaction", "", FIRST),
    ]
    assert graph.ledger.messages == []


async def test_templates_with_names_numbers_and_buttons(client: WhatsApp, graph: FakeGraph) -> None:
    named, numbered = "Permohonan {{nomor}} sudah siap.", "Permohonan {{1}} siap di {{2}} hari ini."
    graph.register_template(
        "bernama",
        named,
        buttons=[
            {"type": "QUICK_REPLY", "text": "Status"},
            {"type": "URL", "text": "Buka", "url": "https://loket.id/f/{{1}}"},
        ],
    )
    graph.register_template("bernomor", numbered)
    graph.clock = lambda: NOW + timedelta(days=2)
    language = TemplateLanguage.INDONESIAN

    def send(name: str, *params: Any) -> Any:
        return client.send_template(CITIZEN, name, language, params)

    told = await asyncio.to_thread(
        send,
        "bernama",
        filled(nomor="K7Q2"),
        QuickReplyButton.params(callback_data="status:K7Q2", index=0),
        TemplateURLButton.params(url_variable="abc", index=1),
    )
    await asyncio.to_thread(send, "bernomor", filled("K7Q2", "Ba'a"))
    first, second = graph.ledger.messages
    assert first.text == "Permohonan K7Q2 sudah siap."
    assert [button.id or button.url for button in first.buttons] == ["status:K7Q2", "https://loket.id/f/abc"]
    assert second.text == "Permohonan K7Q2 siap di Ba'a hari ini."
    assert told.status.value == "accepted"


def filled(*numbered: str, **named: str) -> Any:
    """`BodyText.params`, which takes no self: its types do not say so."""
    fill: Callable[..., Any] = BodyText.params
    return fill(*numbered, **named)


REFUSED: dict[str, tuple[Send, type[Exception]]] = {
    # what → how, and what pywa makes of the refusal
    "four buttons": (
        lambda wa: wa.send_message(CITIZEN, "x", buttons=[Button(t, t) for t in "abcd"]),
        errors.InvalidParameter,
    ),
    "equal titles": (
        lambda wa: wa.send_message(CITIZEN, "x", buttons=[Button("Ya", "a"), Button("Ya", "b")]),
        errors.InvalidParameter,
    ),
    "eleven rows": (
        lambda wa: wa.send_message(
            CITIZEN, "x", buttons=SectionList("Pilih", [Section("A", [*ROWS, SectionRow("Lagi", "r10")])])
        ),
        errors.InvalidParameter,
    ),
    "a long title": (
        lambda wa: wa.send_message(CITIZEN, "x", buttons=[Button("x" * 21, "a")]),
        errors.InvalidParameter,
    ),
    "no words": (lambda wa: wa.send_message(CITIZEN, ""), errors.MissingRequiredParameter),
    "a reaction to nothing": (
        lambda wa: wa.send_reaction(CITIZEN, "👍", "wamid.nobody"),
        errors.InvalidParameter,
    ),
    "a mark on nothing": (lambda wa: wa.mark_message_as_read("wamid.nobody"), errors.InvalidParameter),
    "a stranger's window": (lambda wa: wa.send_message("6281200000000", "x"), errors.ReEngagementMessage),
    "an unknown template": (
        lambda wa: wa.send_template(CITIZEN, "tiada", TemplateLanguage.INDONESIAN),
        errors.TemplateNotExists,
    ),
    "a number too many": (
        lambda wa: wa.send_template(CITIZEN, "ada", TemplateLanguage.INDONESIAN, [filled("a", "b")]),
        errors.TemplateParamCountMismatch,
    ),
    "a line break": (
        lambda wa: wa.send_template(CITIZEN, "ada", TemplateLanguage.INDONESIAN, [filled("a\nb")]),
        errors.TemplateParamFormatMismatch,
    ),
    "a file of another kind": (
        lambda wa: wa.send_image(CITIZEN, pictures.pdf(1), mime_type="image/jpeg"),
        errors.MediaUploadError,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_meta_refuses_pywa_hears_by_its_name(
    client: WhatsApp, graph: FakeGraph, what: str
) -> None:
    graph.register_template("ada", "Permohonan {{1}} sudah siap.")
    send, error = REFUSED[what]
    with pytest.raises(error):
        await asyncio.to_thread(send, client)
    assert graph.ledger.messages == []
    assert len(graph.ledger.refused) == 1


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (lambda: FlowButton(title="Isi"), {}),
        (
            lambda: FlowButton(title="Isi", flow_id="1", flow_name="a"),
            {"flow_id": "1", "flow_name": "a"},
        ),
        (
            lambda: FlowButton(title="Isi", flow_id="1", flow_action_type=FlowActionType.NAVIGATE),
            {"flow_id": "1", "flow_action_payload": {"data": {}}},
        ),
    ],
)
async def test_a_form_that_pywa_will_not_build_is_refused(
    client: WhatsApp, graph: FakeGraph, build: Callable[[], FlowButton], parameters: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="flow"):
        build()
    whole = {"flow_cta": "Isi", "flow_message_version": "3"} | parameters
    interactive = {"type": "flow", "body": {"text": "x"}, "action": {"name": "flow", "parameters": whole}}

    def raw() -> Any:
        return client.api.send_message(
            sender=graph.phone_number_id,
            to=CITIZEN,
            recipient=None,
            recipient_type="individual",
            typ="interactive",
            msg=interactive,
        )

    with pytest.raises(errors.SendMessageError):
        await asyncio.to_thread(raw)


async def test_pywa_fetches_what_a_person_sent(client: WhatsApp, graph: FakeGraph) -> None:
    media = graph.add_media(pictures.jpeg(7), "image/jpeg")
    about = await asyncio.to_thread(client.get_media_url, media.id)
    assert (about.sha256, about.mime_type) == (media.sha256_hex, "image/jpeg")
    assert await asyncio.to_thread(client.get_media_bytes, about.url) == pictures.jpeg(7)


async def test_pywa_lists_the_templates(client: WhatsApp, graph: FakeGraph) -> None:
    graph.register_template(
        "satu",
        "Permohonan {{nomor}} sudah kami terima.",
        header="Disdukcapil",
        footer="Gratis",
        quality="GREEN",
        buttons=[{"type": "QUICK_REPLY", "text": "Status"}],
    )
    graph.register_template("dua", "Permohonan {{1}} sudah kami terima.", status="REJECTED")

    def listed() -> Any:
        return client.get_templates(statuses=[TemplateStatus.APPROVED])

    found = await asyncio.to_thread(listed)
    assert [(one.name, one.status, one.quality_score.score.value) for one in found] == [
        ("satu", TemplateStatus.APPROVED, "GREEN")
    ]
    assert found.message_template_count == 2
    texts = [part.text for part in found[0].components if hasattr(part, "text")]
    assert texts == ["Disdukcapil", "Permohonan {{nomor}} sudah kami terima.", "Gratis"]
