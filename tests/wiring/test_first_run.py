"""The code of the first start: there is always one that works, until somebody used it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from models.contacts import Contact
from models.database import transaction
from office import staff
from office.context import open_office
from wiring.first_run import operator_code

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def the_code(lines: list[str]) -> str:
    found = re.search(r"/masuk (\S+)", "\n".join(lines))
    assert found is not None, lines
    return found.group(1)


@pytest.mark.usefixtures("database")
async def test_every_start_prints_a_code_until_one_was_used() -> None:
    here = open_office()
    first = the_code(await operator_code(NOW))
    later = NOW + timedelta(days=3)
    second = the_code(await operator_code(later))
    assert len(await staff.listing()) == 1
    contact = await Contact.create(office_id=here.office_id, name="Ani", language="id", created_at=NOW)

    async def bind(code: str) -> staff.Staff:
        return await staff.bind(code, contact, "webchat", "web", later)

    with pytest.raises(staff.BadCode):
        await transaction(lambda: bind(first))
    await transaction(lambda: bind(second))
    assert await operator_code(later) == []


@pytest.mark.usefixtures("database")
async def test_no_code_where_somebody_was_added_by_hand() -> None:
    open_office()
    await operator_code(NOW)
    await transaction(lambda: staff.add("Ani", staff.Role.HEAD, NOW))
    assert await operator_code(NOW) == []
