"""A NIK is found by its blind index: by nobody without the key, and not when its person is gone."""

import hashlib

import pytest

from models.audit import AuditRow
from models.contacts import Address
from models.requests import Request, nik_index_of
from models.sealing.keys import Keys
from models.sealing.ring import Ring
from models.staff import Role
from office import requests
from office.context import OfficeContext, open_office
from office.forgetting import forget_request
from office.identity import Nik
from office.permissions import NotAllowed
from office.search import SearchUnreadable, search
from tests.office.world import NOW, World, act

NIK, OTHER = "5314015506900001", "5314015506900002"


@pytest.fixture(autouse=True)
def here() -> OfficeContext:
    return open_office()


@pytest.fixture
def world(database: str) -> World:
    return World()


async def submitted_for(world: World, nik: str) -> Request:
    draft = await world.draft()
    await act(lambda: requests.set_nik(draft, Nik.parse(nik), "chat"))
    await world.with_papers(draft)
    return await act(lambda: requests.submit(draft, NOW))


def ring_under(keys: Keys) -> Ring:
    return Ring({1: bytes(32)}, keys.derived("index"))


def test_two_keys_offices_and_purposes_have_nothing_in_common(database: str) -> None:
    ours, theirs = Keys.new(), Keys.new()
    said = f"5314:{NIK}"
    seen = {
        nik_index_of(5314, NIK),
        nik_index_of(9101, NIK),
        nik_index_of(5314, OTHER),
        ring_under(ours).index("nik", said),
        ring_under(theirs).index("nik", said),
        ring_under(ours).index("wa_id", said),
        *(
            hashlib.new(how, text.encode()).hexdigest()[:32]
            for how in ("sha256", "md5")
            for text in (NIK, said)
        ),
    }
    assert len(seen) == 10


def test_a_rotated_key_finds_what_was_written_before(tmp_path: object) -> None:
    keys = Keys.new()
    before = ring_under(keys).index("nik", NIK)
    keys._keys["k2"], keys.current = bytes(32), "k2"
    assert ring_under(keys).index("nik", NIK) == before


async def test_search_tells_numbers_and_is_audited(world: World) -> None:
    request, yanti = await submitted_for(world, NIK), await world.operator()
    await submitted_for(world, OTHER)
    row = await Request.get(id=request.id)
    assert row.nik_index == nik_index_of(row.office_id, NIK)
    assert NIK not in str(row.nik_index)
    found = await act(lambda: search("5314 0155 0690 0001", yanti, NOW))
    assert [one.id for one in found.requests] == [request.id]
    assert (await act(lambda: search("5314015506900009", yanti, NOW))).count == 0
    noted = await AuditRow.filter(action="searched").order_by("seq")
    assert [(row.object, row.reason) for row in noted] == [
        ("search:nik", "found_1"),
        ("search:nik", "found_0"),
    ]


async def test_a_telephone_number_finds_the_requests_of_its_chats(world: World) -> None:
    request, yanti = await world.submitted(), await world.operator()
    await Address.create(
        office_id=world.office_id,
        contact_id=request.contact_id,
        channel="whatsapp",
        account="1234",
        kind="wa_id",
        value="6281234567890",
        created_at=NOW,
    )
    await world.submitted()
    for typed in ("0812-3456-7890", "+62 812 3456 7890"):
        found = await act(lambda typed=typed: search(typed, yanti, NOW))
        assert [one.id for one in found.requests] == [request.id]
    assert (await act(lambda: search("081234567891", yanti, NOW))).count == 0


@pytest.mark.parametrize("typed", ["Maria", "531401", "'; DROP TABLE requests", "%"])
async def test_what_is_neither_is_refused(world: World, typed: str) -> None:
    yanti = await world.operator()
    with pytest.raises(SearchUnreadable):
        await act(lambda: search(typed, yanti, NOW))


async def test_who_may_not_and_whose_matter_it_is_find_nothing(world: World) -> None:
    yanti = await world.operator()
    chat = await world.bound(yanti)
    await submitted_for(world, NIK)
    await Request.all().update(contact_id=chat.id)
    assert (await act(lambda: search(NIK, yanti, NOW))).count == 0
    ferdi = await world.operator("Ferdi", Role.VERIFIER)
    assert (await act(lambda: search(NIK, ferdi, NOW))).count == 1
    with pytest.raises(NotAllowed):
        await search(NIK, await world.operator("Admin", Role.ADMIN), NOW)


async def test_a_forgotten_request_is_found_by_nothing(world: World) -> None:
    request, yanti = await submitted_for(world, NIK), await world.operator()
    await act(lambda: forget_request(request, NOW))
    assert (await Request.get(id=request.id)).nik_index is None
    assert (await act(lambda: search(NIK, yanti, NOW))).count == 0


async def test_a_nik_read_by_staff_is_found_too(world: World) -> None:
    request, yanti = await submitted_for(world, NIK), await world.operator()
    await act(lambda: requests.set_nik(request, Nik.parse(OTHER), "operator"))
    assert (await act(lambda: search(NIK, yanti, NOW))).count == 0
    assert (await act(lambda: search(OTHER, yanti, NOW))).count == 1
