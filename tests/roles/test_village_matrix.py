"""What is a village's, for every role: through the door and at the office itself."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import pytest

from handlers.village_commands import DEEDS
from models.audit import AuditRow
from models.batches import Batch
from models.database import transaction
from models.files import StoredFile
from models.staff import Role, Staff
from office import batches, staff, village_drafts
from office.context import office
from office.permissions import AWAKE, Deed, NotAllowed
from tests.handlers.counter import ACCOUNT, CHANNEL, METINA, NOW, UNKNOWN, Counter, Person
from tests.roles.table import CITIZEN, VILLAGE

HINT = "Ketik /bantuan"
ASLEEP = "percakapan desa ini beristirahat"


async def everybody(counter: Counter) -> Mapping[str, Person]:
    people = {CITIZEN: await counter.person()}
    for role in Role:
        home = METINA if role is Role.VILLAGE_HEAD else None
        _, code = await staff.add(role.value, role, counter.now, home)
        people[role.value] = await counter.person(role.value)
        await people[role.value].says(f"/masuk {code}")
    return people


def test_no_command_is_missing_from_the_table() -> None:
    assert {name: deed for name, deed in DEEDS.items() if deed} == dict.fromkeys(VILLAGE, Deed.VILLAGE)


@pytest.mark.parametrize("command", VILLAGE)
async def test_a_command_of_a_villages_is_its_heads_alone(one_counter: Counter, command: str) -> None:
    for role, person in (await everybody(one_counter)).items():
        await person.says(f"/{command}")
        if role == Role.VILLAGE_HEAD:
            assert "Kelurahan Metina" in person.heard or "menunggu berkas" in person.heard
        elif role == CITIZEN:
            assert person.heard == UNKNOWN
        else:
            assert HINT in person.heard, role
    assert await AuditRow.filter(action="refused").count() == 0


@pytest.mark.parametrize("command", VILLAGE)
async def test_asleep_or_forwarded_it_is_refused_and_audited(one_counter: Counter, command: str) -> None:
    head = (await everybody(one_counter))[Role.VILLAGE_HEAD]
    await head.forwards(f"/{command}")
    assert "diteruskan" in head.heard
    one_counter.now += AWAKE
    for _ in range(2):  # asking again does not wake it
        await head.says(f"/{command}")
        assert ASLEEP in head.heard
    told = await AuditRow.filter(action="refused").order_by("seq").values_list("role", "object", "reason")
    refused = [(Role.VILLAGE_HEAD, "deed:village", reason) for reason in ("forwarded", *["head_asleep"] * 2)]
    assert [tuple(one) for one in told] == refused
    await one_counter.comes_back(head, Role.VILLAGE_HEAD)
    await head.says(f"/{command}")
    assert ASLEEP not in head.heard


async def test_the_functions_of_the_office_ask_for_the_role_themselves(one_counter: Counter) -> None:
    people = await everybody(one_counter)
    file = await StoredFile.create(office_id=office().office_id, file_id="tg-1", created_at=NOW)
    place = (CHANNEL, ACCOUNT)
    for role in Role:
        who, chat = await staff.one(role.value), people[role.value].contact
        functions: tuple[Callable[[Staff], Awaitable[object]], ...] = (
            lambda who: batches.receive(file, who, chat, place, NOW),  # noqa: B023 - asked within the turn
            lambda who: village_drafts.standing(chat, who),  # noqa: B023
            lambda who: village_drafts.waiting(chat, who),  # noqa: B023
            lambda who: village_drafts.numbered("K7Q2-M9FD-X", chat, who, NOW),  # noqa: B023
            lambda who: village_drafts.by_id(1, chat, who),  # noqa: B023
        )
        for number, act in enumerate(functions):
            assert await allowed(act, who) is (role is Role.VILLAGE_HEAD), (role, number)
    assert await Batch.all().count() == 1


async def test_a_head_of_another_village_receives_nothing_in_this_chat(one_counter: Counter) -> None:
    head = (await everybody(one_counter))[Role.VILLAGE_HEAD]
    other, _ = await staff.add("Lain", Role.VILLAGE_HEAD, NOW, "53.14.11.2001")
    file = await StoredFile.create(office_id=office().office_id, file_id="tg-1", created_at=NOW)
    assert not await allowed(
        lambda who: batches.receive(file, who, head.contact, (CHANNEL, ACCOUNT), NOW), other
    )


async def allowed(act: Callable[[Staff], Awaitable[object]], member: Staff) -> bool:
    """Whether the role may: any other refusal, or none, says that it does."""
    try:
        await transaction(partial(act, member))  # type: ignore[arg-type]
    except NotAllowed:
        return False
    except Exception as error:
        assert type(error).__module__.startswith("office."), error
    return True
