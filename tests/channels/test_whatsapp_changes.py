"""A changed number, a changed id, another device: the person stays the same contact and proves it anew."""

from typing import Any

import pytest

from bot.channels.base import Incoming, News
from bot.channels.whatsapp import inbound
from models.inbox import InboxKind
from tests.channels import office
from tests.channels.test_whatsapp_inbound import BOT_ID, NUMBER, addresses, of_message, one, whole
from tests.fakes import bodies
from tests.fakes.bodies import Json

OLD, NEW = ("bsuid", "ID.1"), ("bsuid", "ID.2")
OLD_NUMBER, NEW_NUMBER = ("wa_id", office.CITIZEN), ("wa_id", "6289")


def told(event: Incoming) -> tuple[list[tuple[str, str]], bool]:
    news = inbound.news(event.body)
    assert isinstance(news, News)
    assert news.reachable is None
    return [(address.kind, address.value) for address in news.addresses], news.new_hands


def moved(**system: Any) -> Json:
    return {"type": "user_changed_number", "wa_id": "6289", "body": "pindah"} | system


@pytest.mark.parametrize(
    ("sender", "system", "known", "after"),
    [
        # by the page of August 2026, and as it was before there were ids
        (
            {},
            moved(user_id="ID.2", previous_user_id="ID.1"),
            [OLD, OLD_NUMBER],
            [NEW, NEW_NUMBER],
        ),
        ({}, moved(), [OLD_NUMBER], [NEW_NUMBER]),
        ({}, {"type": "user_changed_number", "new_wa_id": "6289"}, [OLD_NUMBER], [NEW_NUMBER]),
        (
            {},
            {"type": "customer_changed_number", "customer": office.CITIZEN, "wa_id": "6289"},
            [OLD_NUMBER],
            [NEW_NUMBER],
        ),
        # no sender at all, or the id where the number should be
        ({"wa_id": None}, moved(user_id="ID.2", previous_user_id="ID.1"), [OLD], [NEW, NEW_NUMBER]),
        ({"wa_id": "ID.1"}, moved(user_id="ID.2"), [OLD], [NEW, NEW_NUMBER]),
        # what stands beside the message is the new id: it does not say who it was
        ({"bsuid": "ID.2"}, moved(user_id="ID.2"), [OLD_NUMBER], [NEW, NEW_NUMBER]),
        ({"bsuid": "ID.1"}, moved(user_id="ID.2"), [OLD, OLD_NUMBER], [NEW, NEW_NUMBER]),
        # the new number stays hidden
        (
            {"wa_id": None},
            {"type": "user_changed_user_id", "user_id": "ID.2", "previous_user_id": "ID.1"},
            [OLD],
            [NEW],
        ),
    ],
)
def test_who_moves_is_known_by_the_old_and_gets_the_new(
    sender: Json, system: Json, known: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    event = one(of_message("system", system, **sender))
    assert (event.kind, addresses(event)) == (InboxKind.NEWS, known)
    assert told(event) == (after, True)
    news = inbound.news(event.body)
    assert news is not None
    assert news.lost == (() if NEW_NUMBER in after else ("wa_id",))  # the old number may be anybody's
    assert event.external_id == "wamid.1"
    assert event.sent_at == office.NOW
    assert inbound.update(event.body, office.scene(), bot_id=BOT_ID) is None


@pytest.mark.parametrize("kind", ["customer_identity_changed", "user_identity_changed"])
def test_another_device_may_be_in_other_hands(kind: str) -> None:
    event = one(of_message("system", {"type": kind, "body": "x"}, bsuid="ID.1"))
    assert (event.kind, addresses(event)) == (InboxKind.NEWS, [OLD, OLD_NUMBER])
    assert told(event) == ([], True)


@pytest.mark.parametrize(
    ("sender", "system"),
    [
        ({"wa_id": None}, moved()),
        ({"wa_id": None}, {"type": "user_changed_user_id", "user_id": "ID.2"}),
        ({"wa_id": None}, {"type": "customer_identity_changed"}),
        ({}, {"type": "something_new", "wa_id": "6289"}),
        ({}, "pindah"),
    ],
)
def test_news_of_nobody_is_kept_in_silence(sender: Json, system: Any) -> None:
    event = one(of_message("system", system, **sender))
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())
    assert inbound.update(event.body, office.scene(), bot_id=BOT_ID) is None


def id_change(value: Json) -> list[Incoming]:
    body = whole(field="user_id_update")
    body["entry"][0]["changes"][0]["value"] |= value
    return inbound.read(body, NUMBER)


CHANGE = {"user_id": {"previous": "ID.1", "current": "ID.2"}}


@pytest.mark.parametrize("wrap", ["", "user_id_update", "user_id_updates"])
def test_the_field_that_told_of_ids_before(wrap: str) -> None:
    contact = bodies.whatsapp_contact(name="Mama", wa_id=office.CITIZEN)
    update = CHANGE | {"timestamp": "1697043223"}
    (event,) = id_change({"contacts": [contact]} | ({wrap: [update]} if wrap else update))
    assert (event.kind, addresses(event)) == (InboxKind.NEWS, [OLD, OLD_NUMBER])
    assert told(event) == ([NEW], True)
    assert event.sent_at is not None


def test_several_ids_in_one_body() -> None:
    other = {"user_id": {"previous": "ID.8", "current": "ID.9"}, "wa_id": "6280"}
    events = id_change({"user_id_updates": [CHANGE, other]})
    assert [addresses(event) for event in events] == [[OLD], [("bsuid", "ID.8"), ("wa_id", "6280")]]
    assert len({event.external_id for event in events}) == 2


@pytest.mark.parametrize(
    "value", [{}, {"user_id": "ID.1"}, {"user_id": {"previous": "x", "current": "ID.2"}}]
)
def test_an_id_change_of_nobody_is_kept_in_silence(value: Json) -> None:
    (event,) = id_change(value)
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())
