"""What of ours reads what strangers wrote: real inputs, what is made of them, and who reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiogram.filters import CommandObject
from aiogram.filters.callback_data import CallbackData
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import RawRequestMessage
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import BaseRequest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import SecretStr
from yarl import URL

from bot import jsontext
from bot.channels import keyboard, meta, rotation
from bot.channels.base import MalformedBody
from bot.channels.messenger import payloads
from bot.channels.shape import clean, moment, seconds, shown_name, written_moment
from bot.channels.sms.adapter import Sms
from bot.channels.sms.settings import SmsSettings
from bot.channels.webchat import inbound as webchat
from bot.channels.webchat import posts
from bot.history import BadMark, Cursor, Mark
from bot.reading import tables
from bot.reading.words import LONGEST_CELL, Cell, TableRefused
from bot.threshold import has_a_kind, is_ours
from handlers.citizen import taps
from handlers.operator import arguments, holds, numbers, queue_filter
from office import identity, names, phone, villages
from office.codes import hash_of_code
from office.number import RequestNumber
from office.refusal import Refusal
from office.typed import fold
from tests.channels import office
from tests.channels.readings import check_event, check_messenger, check_telegram, check_whatsapp
from tests.fuzz import cases

BODIES = Path(__file__).parents[1] / "channels" / "bodies"
SECRET = SecretStr("new-secret,old-secret")
IDENT = "5f0c8f1e-6a0e-4d0b-9a55-0d7d1b1d0f01"
SESSION = "a" * 64


@dataclass(frozen=True, slots=True)
class Parser:
    """``read`` raises nothing but what its callers expect, or it is a fault."""

    cases: SearchStrategy[Any]
    read: Callable[[Any], object]


def samples(platform: str) -> list[Any]:
    return [
        json.loads(file.read_text(encoding="utf-8")) for file in sorted((BODIES / platform).glob("*.json"))
    ]


def of_bodies(bodies: Sequence[Any], check: Callable[[Any], object]) -> Parser:
    def read(raw: bytes) -> None:
        with suppress(jsontext.NotJson):
            check(jsontext.loads(raw))

    return Parser(cases.bodies(bodies), read)


def of_texts(texts: Sequence[str], *readers: Callable[[str], object]) -> Parser:
    def read(text: str) -> None:
        for reader in readers:
            with suppress(Refusal):
                reader(text)

    return Parser(cases.texts(texts), read)


# ---------------------------------------------------------------------- bodies


def ours_on_messenger(payload: Any) -> None:
    """The same for the Page that is asked about."""
    if isinstance(payload, dict) and isinstance(payload.get("entry"), list):
        ours = [{**entry, "id": office.PAGE_ID} for entry in payload["entry"] if isinstance(entry, dict)]
        payload = {**payload, "entry": ours}
    check_messenger(payload)


SMS_BODIES = [
    {
        "event": event,
        "id": "Ey6ECgOkVVFjz3CL48B8C",
        "deviceId": "ffff",
        "payload": {
            "messageId": "12-1.1-0123456789ab", "message": "halo", "sender": "+6281234567890",
            "receivedAt": "2026-11-24T09:00:00.000+08:00", "simNumber": 1,
        },
    }
    for event in ("sms:received", "sms:sent", "sms:delivered", "sms:failed", "mms:received")
]  # fmt: skip


def check_sms(payload: Any) -> None:
    settings = {"url": "http://127.0.0.1:9", "username": "x", "password": "x", "signing_key": "x"}
    sms = Sms(SmsSettings.model_validate(settings | {"number": "+6281200000099"}), None)  # type: ignore[arg-type]
    try:
        (event,) = sms.read(payload)
    except MalformedBody:
        return
    check_event(event)
    if event.kind == "receipt":
        sms.receipts(event.body)
    else:
        sms.update(event.body, office.scene([]))


# ---------------------------------------------------------------------- what a browser posts

WEB_BODIES = [
    {"id": IDENT, "text": "halo"},
    {"id": IDENT, "tap": "f:1:confirm:send", "message_id": 10**15, "label": "KIRIM"},
    {"id": IDENT, "tap": "m:apply", "message_id": "7", "label": "Ajukan"},
]
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n' + IDENT.encode() + b"\r\n"
    b'--x\r\nContent-Disposition: form-data; name="caption"\r\n\r\nini\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="surat.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n"
)
FORMS = (
    FORM,
    FORM.replace(b'filename="surat.pdf"', b"filename*=UTF-8''surat%20%22kuasa%22.pdf"),
    FORM.replace(b"application/pdf\r\n", b"application/pdf\r\nContent-Transfer-Encoding: base64\r\n"),
    FORM.replace(b"Content-Type: application/pdf", b"Content-Encoding: gzip"),
)
KIND = "multipart/form-data; boundary=x"
_loop = asyncio.new_event_loop()


_POST = make_mocked_request("POST", "/chat/messages")
_GET = make_mocked_request("GET", "/webhooks/whatsapp")


def as_aiohttp(message: RawRequestMessage, content: StreamReader) -> Any:
    """A request as aiohttp's server makes it of what it has read."""
    return BaseRequest(message, content, _POST.protocol, _POST._payload_writer, _POST.task, _loop)


async def _nowhere(_: str, __: bytes) -> None:
    """Nothing is kept here."""


def posted(kind: str, body: bytes) -> None:
    """As aiohttp hands a request to the web chat's door."""

    async def read() -> None:
        content = StreamReader(BaseProtocol(_loop), limit=2**16, loop=_loop)
        content.feed_data(body)
        content.feed_eof()
        headers = CIMultiDict({"Content-Type": kind})
        request = as_aiohttp(_POST._message._replace(headers=CIMultiDictProxy(headers)), content)
        if not has_a_kind(request):
            return
        try:
            told = await posts.read(request, SESSION, _nowhere)
        except posts.Refused as refused:
            assert refused.status in (400, 413)
            return
        event = webchat.incoming(told)
        check_event(event)
        refs = webchat.media(event.body)
        webchat.tapped(event.body)
        webchat.update(event.body, office.scene(refs), bot_id=7)

    _loop.run_until_complete(read())


def _as_header(told: str) -> str:
    """aiohttp hands on headers as UTF-8, and what is none as lone surrogates; no line ends in one."""
    wire = told.encode("utf-8", "replace").translate(None, b"\r\n\0")
    return wire.decode("utf-8", "surrogateescape")


# Mostly the true type: before another, no body is looked at.
FORM_CASES = st.tuples(st.just(KIND), cases.raw(FORMS)) | st.tuples(
    cases.texts((KIND,)).map(_as_header), st.sampled_from(FORMS)
)


# ---------------------------------------------------------------------- signatures and the rest of a request

RAW = b'{"object":"page","entry":[]}'
HEADERS = ("sha256=" + "0" * 64, "sha1=" + "0" * 40, "0" * 64, "new-secret", "old-secret", "verify")


def signed(header: str) -> None:
    """Nothing that is made up by chance is genuine."""
    assert not meta.is_genuine(RAW, header, SECRET)
    assert not rotation.is_signed(RAW, header, SECRET)
    assert rotation.is_one_of(header, SECRET) == (header in ("new-secret", "old-secret"))
    is_ours(header, {"loket.test"})
    for reader in (moment, seconds, written_moment):
        reader(header)
    for mark in (Mark, Cursor):
        with suppress(BadMark):
            mark.parse(header)


def queried(query: str) -> None:
    path = "/webhooks/whatsapp?" + query.encode("ascii", "ignore").decode().replace(" ", "+")
    try:
        message = _GET._message._replace(path=path, url=URL(path, encoded=True))
        request = as_aiohttp(message, _GET.content)
        request.query  # noqa: B018
    except ValueError:
        return
    answer = meta.handshake(request, SecretStr("verify"))
    assert answer.status == 403 or str(answer.text).isdigit()


QUERIES = tuple(
    urlencode({"hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": told})
    for told in ("11582", "<script>")
)

# ---------------------------------------------------------------------- buttons

TAPS: tuple[type[CallbackData], ...] = tuple(
    one
    for one in vars(taps).values()
    if isinstance(one, type) and issubclass(one, CallbackData) and one is not CallbackData
)
DATA = (
    "m:apply", "g:apply:ktp", "s:apply:KTP_HILANG", "d:12:resume", "f:12:confirm:send",
    "f:12:village:5314012001", "p:12", "l:AB12:yes", "y:erase", "form:done:12", "staff:1:serah",
)  # fmt: skip


def tapped(data: str) -> None:
    for kind in TAPS:
        with suppress(TypeError, ValueError):
            kind.unpack(data)
    keyboard.decode(data)
    keyboard.is_ours(data)
    payloads.read(data)
    payloads.begins(data)
    ident = keyboard.encode(7, keyboard.Choice("x", "m:apply"))
    keyboard.decode(ident[: len(data) % len(ident)] + data)


# ---------------------------------------------------------------------- what is typed


def niks(text: str) -> None:
    with suppress(Refusal):
        nik = identity.Nik.parse(text)
        assert len(nik.digits) == identity.LENGTH and nik.digits.isascii() and nik.digits.isdigit()
    identity.judge_nik(text)
    identity.masked(text)


def phones(text: str) -> None:
    told = phone.to_e164(text)
    assert told.startswith("+") and told[1:].isascii() and told[1:].isdigit() and len(told) <= 16


def request_numbers(text: str) -> None:
    hash_of_code(text)
    number = RequestNumber.parse(text)
    assert RequestNumber.parse(str(number)) == number


def people(text: str) -> None:
    assert shown_name(shown_name(text)) == shown_name(text)
    assert clean(clean(text)) == clean(text)
    clean(text).encode()
    fold(text)
    names.short_name(text)
    names.same_name(text, text)
    name = names.read_name(text)
    assert 0 < len(name) <= names.LONGEST and names.read_name(name) == name


def of_staff(text: str) -> None:
    command = CommandObject(prefix="/", command="tunda", args=text)
    for reader in (
        arguments.only_numbers, arguments.only_number, arguments.number_and_rest, arguments.number_and_words,
        arguments.numbers_and_words, arguments.one_number_and_words,
    ):  # fmt: skip
        with suppress(Refusal):
            reader(command)
    with suppress(Refusal):
        holds.reason_and_words(text)
    read = numbers.read(text)
    if read.values:
        assert numbers.read(numbers.written(read.values)).values == tuple(sorted(read.values))


RAW_BODIES = [
    json.dumps(one).encode() for name in ("whatsapp", "messenger", "telegram") for one in samples(name)
]


def as_json_reads(raw: bytes) -> None:
    """What we take is what the standard library would have read, but for what no database holds."""
    try:
        value = jsontext.loads(raw)
    except jsontext.NotJson:
        return
    read = json.loads(raw, parse_int=lambda told: n if abs(n := int(told)) < 2**63 else float(told))
    assert value == jsontext.clean(read)
    jsontext.dumps(value)


CSVS = [
    'nik;nama;alamat\r\n5314015506900001;Maria Nd\u00fcn;"RT 1, ""X"""\r\n\r\n2;Ani;'.encode(encoding)
    for encoding in ("utf-8-sig", "utf-16", "cp1252")
]


def as_table(raw: bytes) -> None:
    """A spreadsheet is none of this: `tests/fuzz/test_decoders.py` has those."""
    if raw.startswith(b"PK"):
        return
    try:
        header, rows = tables.table_of(raw)
    except TableRefused:
        return
    assert [number for number, _ in rows] == sorted({number for number, _ in rows})
    for number, row in [(0, [Cell(text) for text in header]), *rows]:
        assert len(row) == len(header)
        assert number == 0 or any(cell.text for cell in row)
        assert all(shown_name(text) == text and len(text) <= LONGEST_CELL for text, _ in row)


PARSERS: Mapping[str, Parser] = {
    "whatsapp": of_bodies(samples("whatsapp"), check_whatsapp),
    "messenger": of_bodies(samples("messenger"), ours_on_messenger),
    "telegram": of_bodies(samples("telegram"), check_telegram),
    "sms": of_bodies(SMS_BODIES, check_sms),
    "webchat": Parser(cases.bodies(WEB_BODIES), lambda raw: posted("application/json", raw)),
    "multipart": Parser(FORM_CASES, lambda told: posted(*told)),
    "json": Parser(cases.raw(RAW_BODIES), as_json_reads),
    "csv": Parser(cases.raw(CSVS), as_table),
    "signature": of_texts(HEADERS, signed),
    "handshake": of_texts(QUERIES, queried),
    "buttons": of_texts(DATA, tapped),
    "nik": of_texts(("5314015506900001", "5314 0155 0690 0001", "NIK saya 5314.0155.0690.0001"), niks),
    "phone": of_texts(
        ("081234567890", "+62 812-3456-7890", "https://wa.me/6281234567890", "tel:0380123"), phones
    ),
    "request number": of_texts(("K7Q2-M9FD-X", "k7q2 m9fd x", "NFCQ0-DH6B9-B5E9C"), request_numbers),
    "name": of_texts(("Maria Ndun", "Ma'ruf, S.Pd.", "Yosefina Nd\u0308un-Adu"), people),
    "staff": of_texts(
        ("123 124, 130-134", "12 tanda tangan pak camat", "1 s/d 9 dan 12 lain: x", "7 2 foto"), of_staff
    ),
    "place": of_texts(
        ("metina", "Kec. Lobalain", "53.14.03.1011", "desa oelua rote barat laut"), villages.find
    ),
    "queue filter": of_texts(("ktp metina", "Metina KTP_HILANG", "akta", "lobalain"), queue_filter.read),
}
