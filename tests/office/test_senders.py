"""Who sends for many who are no family: who leads the desk sees it, and nothing is held back."""

from datetime import timedelta

import pytest

from models.calls import Alert, AlertKind
from models.contacts import Contact
from models.outbox import OutboxMessage
from models.requests import Request
from models.staff import Role
from office import alerts, desk, requests
from office.context import open_office
from office.identity import Nik
from office.limit_settings import Limits
from office.permissions import NotAllowed
from office.senders import notable, strangers_of
from office.villages import village
from tests.office.world import METINA, NOW, World, act, queue_number

OELUA = "53.14.11.2001"
MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def _many_a_day(here: object) -> None:
    open_office(limits=Limits(requests_per_day=100, papers_per_day=1000))


async def files(
    world: World, sender: Contact, number: int, *, home: str = METINA, relation: str | None = "anak"
) -> Request:
    """Somebody's request for the person with this number in their NIK."""
    draft = await world.draft(citizen=sender)
    await act(lambda: requests.set_for(draft, relation is None, relation))
    await act(lambda: requests.set_village(draft, village(home)))
    await act(lambda: requests.set_nik(draft, Nik.parse(f"531401550690{number:04}"), "chat"))
    await world.with_papers(draft)
    return await act(lambda: requests.submit(draft, NOW))


async def test_a_family_of_one_village_is_no_sign(world: World) -> None:
    father = await world.citizen()
    await files(world, father, 1, relation=None)
    for child in range(2, 9):
        await files(world, father, child)
        await files(world, father, child)  # twice for the same one
    assert await strangers_of(father.id, NOW) == 0
    assert await Alert.all().count() == 0


async def test_a_broker_is_shown_from_so_many_strangers_on_and_told_once_a_month(world: World) -> None:
    broker, other = await world.citizen("Calo"), await world.citizen("Yusuf Ndun")
    for number in range(1, 5):
        await files(world, broker, number, relation="lainnya")
    assert await strangers_of(broker.id, NOW) == 0
    fifth = await files(world, broker, 5, relation="lainnya")
    await files(world, broker, 6, relation="lainnya")
    await files(world, other, 7)
    assert await strangers_of(broker.id, NOW) == 6
    assert [alert.about for alert in await Alert.all()] == [f"contact:{broker.id}:2026-11"]
    assert fifth.queue_number is not None  # nothing is held back

    head, operator = await world.operator("Kepala", Role.HEAD), await world.operator()
    (sender,) = await notable(head, NOW)
    assert (sender.contact_id, sender.strangers, sender.numbers[1]) == (broker.id, 6, fifth.queue_number)
    with pytest.raises(NotAllowed):
        await notable(operator, NOW)
    number = queue_number(fifth)
    assert (await act(lambda: desk.dossier(number, head, NOW))).strangers == 6
    assert (await act(lambda: desk.dossier(number, operator, NOW))).strangers == 0
    assert await notable(head, NOW + MONTH + timedelta(seconds=1)) == []


async def test_who_calls_strangers_of_many_villages_family_is_shown_too(world: World) -> None:
    broker = await world.citizen("Calo")
    for number in range(1, 8):
        await files(world, broker, number, home=(METINA, OELUA)[number % 2])
    assert await strangers_of(broker.id, NOW) == 0  # four of one village, three of the other
    for number in range(8, 12):
        await files(world, broker, number, home=(METINA, OELUA)[number % 2])
    assert await strangers_of(broker.id, NOW) == 5


async def test_a_household_has_an_end(world: World) -> None:
    broker = await world.citizen("Calo")
    for number in range(1, 16):
        await files(world, broker, number)
    assert await strangers_of(broker.id, NOW) == 5


async def test_a_village_head_is_no_broker(world: World) -> None:
    chat = await world.bound(await world.operator("Kepala Desa", Role.VILLAGE_HEAD))
    for number in range(1, 8):
        await files(world, chat, number, relation="lainnya")
    assert await strangers_of(chat.id, NOW) == 0
    assert await notable(await world.operator("Kepala", Role.HEAD), NOW) == []
    assert await Alert.all().count() == 0


async def test_only_who_leads_the_desk_is_told(world: World) -> None:
    await act(
        lambda: Alert.create(
            office_id=world.office_id, kind=AlertKind.BROKER, about="contact:1:2026-11", raised_at=NOW
        )
    )
    await world.bound(await world.operator())
    assert await act(lambda: alerts.tell(NOW)) == 0
    assert await Alert.filter(told_at=None).count() == 1  # it waits for somebody who may hear it
    lead = await world.bound(await world.operator("Atasan", Role.SUPERVISOR))
    assert await act(lambda: alerts.tell(NOW)) == 1
    assert [row.contact_id for row in await OutboxMessage.filter(name="staff_alerts")] == [lead.id]
