"""Who is who: addresses join their contact, and two people are never made one."""

import asyncio

import pytest

from bot.channels.base import AddressKey
from bot.directory import Directory
from bot.ids import chat_id
from models.contacts import Address, Contact
from models.database import transaction
from tests.core.channel import ACCOUNT, NOW

PHONE, BSUID = AddressKey("wa_id", "6281234567890"), AddressKey("bsuid", "ID.134")


async def who(
    people: Directory, *addresses: AddressKey, account: str = ACCOUNT, channel: str = "whatsapp"
) -> int:
    return await transaction(lambda: people.resolve(channel, account, addresses, "Maria", now=NOW))


async def test_a_new_id_beside_a_known_number_joins_its_contact(database: str) -> None:
    people = Directory(1, {"telegram": "telegram"})
    maria = await who(people, PHONE)
    assert await who(people, BSUID, PHONE) == maria
    assert await who(people, BSUID) == maria  # the number may be hidden from now on
    assert await Contact.all().count() == 1
    to = await people.recipient(maria, "whatsapp", ACCOUNT)
    assert (to.value("wa_id"), to.value("bsuid"), to.value("psid")) == (PHONE.value, BSUID.value, None)


async def test_whom_several_processes_meet_at_one_moment_is_met_once(database: str) -> None:
    for n in range(10):
        addresses = AddressKey("bsuid", f"ID.{n}"), AddressKey("wa_id", f"62812{n}")
        met = await asyncio.gather(*(who(Directory(1), *addresses) for _ in range(8)))
        assert len(set(met)) == 1
        assert (await Directory(1).recipient(met[0], "whatsapp", ACCOUNT)).addresses == addresses
    assert await Contact.all().count() == 10


async def test_two_known_people_stay_two_and_the_first_address_decides(database: str) -> None:
    people = Directory(1, {"telegram": "telegram"})
    maria, yakob = await who(people, PHONE), await who(people, BSUID)
    assert maria != yakob
    assert await who(people, BSUID, PHONE) == yakob
    assert await who(people, PHONE, BSUID) == maria
    assert await Address.all().count() == 2


async def test_a_number_that_comes_with_a_strangers_id_has_changed_hands(database: str) -> None:
    people = Directory(1)
    maria = await who(people, BSUID, PHONE)
    stranger = AddressKey("bsuid", "ID.999")
    yakob = await who(people, stranger, PHONE)
    assert yakob != maria
    assert await who(people, PHONE) == yakob
    hers = await people.recipient(maria, "whatsapp", ACCOUNT)
    assert hers.addresses == (BSUID,)


async def test_what_a_provider_teaches_us_is_kept_and_takes_nothing_from_anybody(database: str) -> None:
    people = Directory(1)
    maria, yakob = await who(people, PHONE), await who(people, BSUID)
    psid = AddressKey("psid", "77")
    for contact in (maria, maria, yakob):
        await transaction(
            lambda contact=contact: people.learn(  # type: ignore[misc]
                contact, "whatsapp", ACCOUNT, [psid, BSUID], now=NOW
            )
        )
    assert (await people.recipient(maria, "whatsapp", ACCOUNT)).addresses == (PHONE, psid)
    assert (await people.recipient(yakob, "whatsapp", ACCOUNT)).addresses == (BSUID,)


async def test_the_same_address_elsewhere_is_somebody_else(database: str) -> None:
    people = Directory(1, {"telegram": "telegram"})
    found = {
        await who(people, PHONE),
        await who(people, PHONE, account="2"),
        await who(people, PHONE, channel="messenger"),
        await who(people, AddressKey("psid", PHONE.value)),
    }
    assert len(found) == 4


async def test_memory_and_rows_say_the_same(database: str) -> None:
    remembering, fresh = Directory(1, {"telegram": "telegram"}), Directory(1, {"telegram": "telegram"})
    maria = await who(remembering, PHONE, BSUID)
    remembering.remember("whatsapp", ACCOUNT, [PHONE], maria)
    assert await who(remembering, PHONE) == await who(fresh, PHONE) == maria
    assert await who(remembering, BSUID, PHONE) == maria


async def test_what_was_looked_up_before_addresses_changed_is_not_remembered(database: str) -> None:
    people = Directory(1)
    began = people.epoch
    maria = await who(people, PHONE)
    yakob = await who(people, BSUID)
    await transaction(lambda: people.replace(yakob, "whatsapp", ACCOUNT, [PHONE], now=NOW))
    people.remember("whatsapp", ACCOUNT, [PHONE], maria, as_of=began)
    assert await who(people, PHONE) == yakob


async def test_memory_has_an_end(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.directory.REMEMBERED", 10)
    people = Directory(1, {"telegram": "telegram"})
    for n in range(50):
        people.remember("whatsapp", ACCOUNT, [AddressKey("wa_id", str(n))], n)
    assert len(people._known) <= 12


async def test_a_name_too_long_is_cut(database: str) -> None:
    people = Directory(1, {"telegram": "telegram"})
    await transaction(lambda: people.resolve("whatsapp", ACCOUNT, [PHONE], "x" * 999, now=NOW))
    assert len((await Contact.get()).name) == 255


async def test_chat_ids_lead_back_to_their_people(database: str) -> None:
    people = Directory(1, {"telegram": "telegram"})
    maria = await who(people, PHONE)
    assert await people.chat_id(maria, "whatsapp", ACCOUNT) == chat_id(maria)
    assert await people.contact_of(chat_id(maria), "whatsapp", ACCOUNT) == maria
    assert await people.contact_of(5, "whatsapp", ACCOUNT) is None
    yusuf = await who(people, AddressKey("telegram", "501"), channel="telegram")
    assert await people.chat_id(yusuf, "telegram", ACCOUNT) == 501
    assert await people.contact_of(501, "telegram", ACCOUNT) == yusuf
    assert await people.contact_of(502, "telegram", ACCOUNT) is None
