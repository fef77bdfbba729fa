"""Texts in parts, whom the gateway's numbers belong to, and what `doctor` says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiogram.methods import SendMessage, SendVenue
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import AddressKey, DeliveryFailed, Fault, HeldFile, Recipient
from bot.channels.sms.adapter import Sms
from bot.channels.sms.parts import fits, parts
from bot.channels.sms.settings import SmsSettings
from models.inbox import InboxKind
from tests.channels.sms.gateway import NUMBER, PASSWORD, SIGNING_KEY, USERNAME, FakeGateway

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITIZEN = "+6281234567890"


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with FakeGateway() as server:
        server.clock = lambda: NOW
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def office(gateway: FakeGateway, http: aiohttp.ClientSession, **changes: str) -> Sms:
    settings = {
        "url": gateway.api,
        "username": USERNAME,
        "password": PASSWORD,
        "signing_key": SIGNING_KEY,
        "number": NUMBER,
    }
    return Sms(SmsSettings.model_validate(settings | changes), http)


async def no_files(file_id: str) -> HeldFile:
    raise FileNotFoundError(file_id)


async def send(sms: Sms, method: Any, tag: str = "7") -> str | None:
    to = Recipient(addresses=(AddressKey("phone", CITIZEN),))
    return (await sms.session.deliver(method, to, tag, no_files)).external_id


# ---------------------------------------------------------------------- parts


def test_a_hundred_and_sixty_letters_are_one_part_and_one_more_are_two() -> None:
    assert parts("a" * 160) == ["a" * 160]
    assert parts("a" * 161) == ["(1/2) " + "a" * 152, "(2/2) " + "a" * 9]


def test_one_letter_that_gsm_does_not_know_makes_it_seventy() -> None:
    assert fits("a" * 69 + "ā")
    assert not fits("a" * 70 + "ā")
    assert not fits("a" * 69 + "🙏")  # two units


def test_letters_of_the_second_table_count_twice() -> None:
    assert fits("[" * 80) and not fits("[" * 80 + "a")


def test_printers_marks_are_made_plain_so_that_they_do_not_cost_a_part() -> None:
    assert parts("“Bapak/Ibu” – siap…") == ['"Bapak/Ibu" - siap...']


def test_a_text_is_cut_between_words() -> None:
    told = parts("\n".join(f"Baris {n} dari permohonan Bapak/Ibu." for n in range(1, 12)))
    assert all(part.endswith("Ibu.") for part in told)


@given(st.text(alphabet="ab []é🙏ā\n’", min_size=1, max_size=700))
def test_every_part_fits_and_no_letter_is_lost(text: str) -> None:
    told = parts(text)
    assert all(fits(part) for part in told)
    if len(told) > 1:
        told = [part.partition(") ")[2] for part in told]
    plain = text.replace("’", "'")
    assert "".join("".join(told).split()) == "".join(plain.split())


# ---------------------------------------------------------------------- out


async def test_a_long_text_goes_out_in_parts_under_ids_of_their_own(
    gateway: FakeGateway, http: aiohttp.ClientSession
) -> None:
    last = await send(office(gateway, http), SendMessage(chat_id=1, text="permohonan " * 36))
    assert [line.text[:6] for line in gateway.ledger] == ["(1/3) ", "(2/3) ", "(3/3) "]
    assert [line.id.partition("-")[2][:4] for line in gateway.ledger] == ["1.3-", "2.3-", "3.3-"]
    assert last == gateway.ledger.lines[-1].id


async def test_what_broke_off_in_the_middle_is_completed_and_not_repeated(
    gateway: FakeGateway, http: aiohttp.ClientSession
) -> None:
    sms, method = office(gateway, http), SendMessage(chat_id=1, text="permohonan " * 36)
    gateway.next_send("slow", "http503")
    gateway.slow_seconds = 0.0
    with pytest.raises(DeliveryFailed) as failed:
        await send(sms, method)
    assert failed.value.fault is Fault.RETRY
    await send(sms, method)
    assert [line.text[:6] for line in gateway.ledger.messages] == ["(1/3) ", "(2/3) ", "(3/3) "]


async def test_the_same_row_number_of_another_database_is_another_message(
    gateway: FakeGateway, http: aiohttp.ClientSession
) -> None:
    sms = office(gateway, http)
    await send(sms, SendMessage(chat_id=1, text="satu"))
    await send(sms, SendMessage(chat_id=1, text="dua"))
    assert [line.text for line in gateway.ledger.messages] == ["satu", "dua"]


async def test_a_place_is_told_in_words(gateway: FakeGateway, http: aiohttp.ClientSession) -> None:
    venue = SendVenue(chat_id=1, latitude=-10.7, longitude=123.0, title="Disdukcapil", address="Ba'a")
    await send(office(gateway, http), venue)
    assert gateway.ledger.lines[-1].text == (
        "Disdukcapil\nBa'a\nhttps://www.openstreetmap.org/?mlat=-10.7&mlon=123.0"
    )


async def test_a_redirect_is_not_followed(gateway: FakeGateway, http: aiohttp.ClientSession) -> None:
    """A POST that is sent elsewhere becomes a GET, which succeeds and sends nothing."""
    sms = office(gateway, http, url=f"{gateway.base_url}/moved")
    with pytest.raises(DeliveryFailed) as failed:
        await send(sms, SendMessage(chat_id=1, text="x"))
    assert failed.value.fault is Fault.GIVE_UP


# ---------------------------------------------------------------------- in


@pytest.mark.parametrize(
    ("written", "who"),
    [
        ("+6281234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("+670 7723 4567", "+67077234567"),
        ("3636", None),
        ("TELKOMSEL", None),
        (NUMBER, None),
        ("", None),
        ("+٦٢٨١٢٣٤٥٦٧٨٩", None),
    ],
)
async def test_who_writes(
    gateway: FakeGateway, http: aiohttp.ClientSession, written: str, who: str | None
) -> None:
    body = {"event": "sms:received", "id": "e", "payload": {"phoneNumber": written, "message": "halo"}}
    (event,) = office(gateway, http).read(body)
    assert event.addresses == ((AddressKey("phone", who),) if who else ())
    assert event.kind is (InboxKind.MESSAGE if who else InboxKind.OTHER)


async def test_doctor_asks_the_gateway(gateway: FakeGateway, http: aiohttp.ClientSession) -> None:
    (good,) = await office(gateway, http).check()
    (bad,) = await office(gateway, http, password="another").check()
    (gone,) = await office(gateway, http, url="http://127.0.0.1:1/x").check()
    assert (good.ok, bad.ok, gone.ok) == (True, False, False)
    assert bad.detail == "HTTP 401"
