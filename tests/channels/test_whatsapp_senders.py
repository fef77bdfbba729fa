"""Whose a WhatsApp message is: numbers, business-scoped ids, both, neither, in whatever field they stand."""

from typing import Any

import pytest

from bot.channels.whatsapp import inbound
from models.inbox import InboxKind
from tests.channels import office
from tests.channels.test_whatsapp_inbound import NUMBER, addresses, of_message, one, read, whole
from tests.fakes import bodies


def test_another_number_of_the_same_account_is_kept_and_not_answered() -> None:
    body = whole(of_message("text", {"body": "a"})) | {}
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
    (event,) = inbound.read(body, NUMBER)
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())


@pytest.mark.parametrize(
    ("sender", "card", "expected"),
    [
        ({"wa_id": "628"}, {"wa_id": "628"}, [("wa_id", "628")]),
        ({"wa_id": "628"}, {}, [("wa_id", "628")]),
        ({"bsuid": "ID.1"}, {}, [("bsuid", "ID.1")]),
        ({"bsuid": "ID.1"}, {"wa_id": "628", "bsuid": "ID.1"}, [("bsuid", "ID.1"), ("wa_id", "628")]),
        ({"wa_id": "628"}, {"wa_id": "628", "bsuid": "ID.1"}, [("bsuid", "ID.1"), ("wa_id", "628")]),
        ({"wa_id": "+628"}, {}, [("wa_id", "628")]),
        ({"wa_id": "ID.1"}, {"wa_id": "ID.1"}, [("bsuid", "ID.1")]),  # an id in the number's field
        ({"wa_id": "628", "bsuid": "12345"}, {"wa_id": "628"}, [("wa_id", "628")]),  # an odd id
        ({}, {"bsuid": "ID.1"}, [("bsuid", "ID.1")]),  # only the profile says who it is
        ({}, {"wa_id": "628"}, [("wa_id", "628")]),
        ({}, {"wa_id": "ID.1"}, [("bsuid", "ID.1")]),
        ({"bsuid": "ID.1"}, {"wa_id": "ID.1"}, [("bsuid", "ID.1")]),
        ({"wa_id": "628", "bsuid": "id.1"}, {"wa_id": "628"}, [("wa_id", "628")]),  # no country: no id
        ({"wa_id": "628", "bsuid": "ID." + "x" * 200}, {}, [("wa_id", "628")]),  # fits no column
        ({"wa_id": "628", "bsuid": "ID.1\x00"}, {}, [("wa_id", "628")]),
        ({"wa_id": ""}, {"wa_id": "628"}, [("wa_id", "628")]),
        ({"wa_id": "628"}, {"wa_id": "999", "bsuid": "ID.9"}, [("wa_id", "628")]),  # somebody else's card
        ({}, {}, []),
    ],
)
def test_who_it_is_is_decided_by_shape(
    sender: dict[str, Any], card: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    said = bodies.whatsapp_message("text", {"body": "a"}, id="wamid.1", at=office.NOW, **sender)
    contacts = (bodies.whatsapp_contact(name="Mama", **card),) if card else ()
    event = one(said, contacts=contacts)
    assert addresses(event) == expected
    assert event.kind is (InboxKind.MESSAGE if expected else InboxKind.OTHER)


def test_two_people_in_one_body_stay_two() -> None:
    cards = tuple(
        bodies.whatsapp_contact(name=f"Orang {n}", wa_id=f"62800{n}", bsuid=f"ID.{n}") for n in range(2)
    )
    said = [of_message("text", {"body": "a"}, id=f"wamid.{n}", wa_id=f"62800{n}") for n in (1, 0)]
    stranger = bodies.whatsapp_message("text", {"body": "a"}, id="wamid.9", at=office.NOW)
    events = read(*said, stranger, contacts=cards)
    assert [(event.name, addresses(event)) for event in events] == [
        ("Orang 1", [("bsuid", "ID.1"), ("wa_id", "628001")]),
        ("Orang 0", [("bsuid", "ID.0"), ("wa_id", "628000")]),
        ("", []),
    ]


def test_a_parent_id_is_better_than_none() -> None:
    said = bodies.whatsapp_message(
        "text", {"body": "a"}, id="wamid.1", at=office.NOW, from_parent_user_id="ID.ENT.1"
    )
    assert addresses(one(said)) == [("bsuid", "ID.ENT.1")]


def test_what_we_said_ourselves_is_never_heard() -> None:
    """An echo of the office's own number would be answered, and the answer echoed, for ever."""
    for number in ("6281138100100", "+62 811-3810-0100"):
        event = one(of_message("text", {"body": "Selamat pagi"}, wa_id=number))
        assert (event.kind, event.addresses) == (InboxKind.OTHER, ())


def test_a_group_is_kept_in_silence() -> None:
    event = one(of_message("text", {"body": "a"}, group_id="G.1"))
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())


def test_a_number_that_whatsapp_vouches_for_is_an_address() -> None:
    phone = {"phone": "+62 812-3456-7890", "wa_id": office.CITIZEN}
    for origin, expected in (
        ("contact_request", [("bsuid", "ID.1"), ("wa_id", office.CITIZEN)]),
        ("other", [("bsuid", "ID.1")]),
    ):
        card = {"name": {"formatted_name": "Mama"}, "phones": [phone], "origin": origin}
        event = one(of_message("contacts", [card], wa_id=None, bsuid="ID.1"))
        assert addresses(event) == expected
