"""The functions behind the console's pages ask for the role themselves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from models.contacts import Contact
from models.database import transaction
from models.requests import Request
from models.rights import DataRight
from models.staff import Role, Staff
from office import audit_list, breaches, correcting, data_rights, handing_out, persons, staff
from office.audit_list import Wanted
from office.handing_out import IdentityCheck, Proof, Why
from office.permissions import NotAllowed
from office.refusal import Refusal
from tests.console.desk import Desk, open_desk
from tests.handlers.counter import Counter
from tests.roles.table import CONSOLE


@pytest.fixture
async def desk(one_counter: Counter, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def prepare(desk: Desk) -> Request:
    """Queue number 1, what its person asked as D1, and an open breach."""
    request = await desk.filed()
    contact = await Contact.get(id=request.contact_id)
    place = (request.channel, request.account)
    await transaction(lambda: data_rights.ask(contact, DataRight.ERASE, *place, desk.clock()))
    await transaction(lambda: breaches.open_("Disk hilang.", desk.clock(), desk.clock()))
    return request


def roles_of(page: str) -> frozenset[str]:
    return frozenset(role for role, may in CONSOLE["GET", page].items() if may)


async def test_the_functions_behind_the_pages_ask_for_the_role_themselves(desk: Desk) -> None:
    request, now = await prepare(desk), desk.clock()
    place = data_rights.Addressee(request.contact_id, request.channel, request.account, "D1")
    found = persons.Found("d1", await Contact.get(id=request.contact_id), place, "data_request:1")
    check, nothing = IdentityCheck(Proof.CARD, Why.AT_COUNTER), Wanted()
    rights, trail, breach = (roles_of(page) for page in ("/hak", "/jejak", "/pelanggaran"))
    functions: Mapping[Callable[[Staff], Awaitable[object]], frozenset[str]] = {
        lambda who: persons.look("d1", who, now): rights,
        lambda who: persons.record("1", DataRight.CORRECT, who, now): rights,
        lambda who: correcting.correct(1, "x", correcting.Wanted(name="x"), who, now): rights,
        lambda who: handing_out.hand_out(found, str(who.id), check, who, now): rights,
        lambda who: data_rights.ended(who, now): rights,
        lambda who: audit_list.page(nothing, who, now): trail,
        lambda who: audit_list.begin_copy(nothing, who, now): trail,
        audit_list.verify: trail,
        breaches.running: breach,
        lambda who: breaches.draft(1, "people", who): breach,
    }
    for role in Role:
        home = "53.14.03.1011" if role is Role.VILLAGE_HEAD else None
        person, _ = await transaction(partial(staff.add, role.value, role, now, home))
        for number, (act, roles) in enumerate(functions.items()):
            assert await allowed(act, person) is (role.value in roles), (role, number)


async def allowed(act: Callable[[Staff], Awaitable[object]], person: Staff) -> bool:
    try:
        await transaction(partial(act, person))  # type: ignore[arg-type]
    except NotAllowed:
        return False
    except Refusal:
        return True
    return True
