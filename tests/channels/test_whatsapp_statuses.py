"""What Meta says afterwards: receipts for our rows, and errors in each of the three places."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from bot.channels.base import Fault, Incoming
from bot.channels.whatsapp import inbound
from models.inbox import InboxKind
from models.outbox import Receipt
from tests.channels import office
from tests.channels.test_whatsapp_inbound import NUMBER, of_message, one, read, whole
from tests.fakes import bodies


def status(word: str, **more: Any) -> Incoming:
    said = bodies.whatsapp_status(word, id="wamid.out", at=office.NOW, wa_id=office.CITIZEN, **more)
    (event,) = inbound.read(bodies.whatsapp_body(statuses=[said], phone_number_id=NUMBER), NUMBER)
    return event


@pytest.mark.parametrize(
    ("word", "receipt"),
    [
        ("sent", Receipt.TAKEN),
        ("delivered", Receipt.ARRIVED),
        ("read", Receipt.SEEN),
        ("played", Receipt.SEEN),
        ("failed", Receipt.FAILED),
    ],
)
def test_a_status_is_a_receipt_for_our_row(word: str, receipt: Receipt) -> None:
    event = status(word, callback_data="4711")
    assert (event.kind, event.addresses) == (InboxKind.RECEIPT, ())
    assert event.external_id == f"wamid.out:{word}:{int(office.NOW.timestamp())}"
    told = inbound.receipt(event.body)
    assert told is not None
    assert (told.external_id, told.tag, told.receipt) == ("wamid.out", "4711", receipt)


def test_a_failed_status_says_why() -> None:
    error = bodies.whatsapp_error(131047, "Re-engagement message", "More than 24 hours")
    told = inbound.receipt(status("failed", errors=[error]).body)
    assert told is not None
    assert told.failure is not None
    assert (told.failure.fault, told.failure.code) == (Fault.TEMPLATE, "131047")
    bare = inbound.receipt(status("failed").body)
    assert bare is not None
    assert bare.failure is not None
    assert bare.failure.fault is Fault.GIVE_UP


@pytest.mark.parametrize("word", ["deleted", "warning", "teleported"])
def test_an_unknown_status_is_kept_in_silence(word: str) -> None:
    event = status(word)
    assert event.kind is InboxKind.OTHER
    assert inbound.receipt(event.body) is None


def test_a_status_of_a_person_who_hides_the_number() -> None:
    said = bodies.whatsapp_status("read", id="wamid.out", at=office.NOW, bsuid="ID.1") | {"recipient_id": ""}
    (event,) = inbound.read(whole(statuses=[said]), NUMBER)
    assert event.kind is InboxKind.RECEIPT


def test_the_same_word_told_twice_is_one_event_and_each_word_its_own() -> None:
    words = ("read", "sent", "delivered", "sent")  # in any order
    ids = [status(word).external_id for word in words]
    assert ids[1] == ids[3]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "said", [{}, {"id": "wamid.out"}, {"status": "read"}, {"id": [], "status": {}}, "x", None]
)
def test_a_status_of_nothing_is_kept_in_silence(said: Any) -> None:
    (event,) = inbound.read(whole(statuses=[said]), NUMBER)
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())


def counted(place: str, code: str) -> float:
    labels = {"place": place, "code": code}
    return REGISTRY.get_sample_value("loket_whatsapp_errors_total", labels) or 0.0


def test_errors_are_counted_in_each_of_the_three_places() -> None:
    error = bodies.whatsapp_error(131051, "Message type unknown", "not supported")
    places = ("value", "message", "status")
    before = {place: counted(place, "131051") for place in places}
    failed = bodies.whatsapp_status("failed", id="wamid.out", at=office.NOW, errors=[error])
    read(of_message("unsupported", None, errors=[error]), statuses=[failed], errors=[error])
    assert {place: counted(place, "131051") - before[place] for place in places} == dict.fromkeys(places, 1)


@pytest.mark.parametrize("error", [{"code": "rahasia"}, {"code": 424242}, {"code": [1]}, "x", None])
def test_an_error_that_nobody_knows_is_counted_without_its_words(error: Any) -> None:
    before = counted("value", "other")
    (event,) = inbound.read(whole(errors=[error]), NUMBER)
    assert (event.kind, event.body["errors"]) == (InboxKind.OTHER, [error])
    assert counted("value", "other") == before + 1


def test_a_tap_that_whatsapp_swallowed_is_answered() -> None:
    """A second tap on the same message comes without its content, and with an error beside it."""
    error = bodies.whatsapp_error(131000, "Something went wrong", "")
    events = read(of_message("interactive", None), errors=[error])
    assert [(event.kind, bool(event.addresses)) for event in events] == [
        (InboxKind.OTHER, True),
        (InboxKind.OTHER, False),
    ]
    assert one(of_message("interactive", None)).addresses
