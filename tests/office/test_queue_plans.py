"""How the queue is looked up: by its own index, at an office that has been open for a while."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from models.contacts import Contact
from models.database import is_postgres, rows, transaction
from models.requests import Request, RequestState
from office import queue
from office.context import office
from office.villages import villages
from tests.office.world import NOW, World

NARROWED = " AND r.service IN ('KTP_HILANG') AND r.village_code IN ('53.14.03.1011')"
ASKED: dict[str, tuple[str, Sequence[object]]] = {
    "page": (queue._PAGE.format(narrowed=""), (NOW, 0, 50)),
    "narrowed page": (queue._PAGE.format(narrowed=NARROWED), (NOW, 0, 50)),
    "narrowed count": (queue._COUNT.format(narrowed=NARROWED), ()),
    "oldest": (queue._FREE, (1,)),
}
CLOSED, WAITING = 4_000, 400


@pytest.fixture
def database_url(engine: str, database_url: str, request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("untouched") if engine == "postgres" else database_url


async def test_pages_count_and_oldest_are_found_by_the_index_of_the_queue(world: World) -> None:
    """Also on SQLite, which takes a partial index only where its condition is written out alike."""
    await of_a_year(await world.submitted())
    plans = {name: await transaction(partial(plan, *asked, world)) for name, asked in ASKED.items()}
    for name, found in plans.items():
        assert "requests_waiting" in found, name
        assert "TEMP B-TREE" not in found, name


async def of_a_year(like: Request) -> None:
    """As many rows as make PostgreSQL choose: where there are none, any way to them is as short."""
    services, places = office().catalogue.services, villages()
    common = {name: getattr(like, name) for name in ("office_id", "channel", "account", "changed_at")}
    await Contact.bulk_create(
        Contact(
            id=1_000 + place,
            office_id=like.office_id,
            created_at=NOW,
            restricted_at=NOW if place % 1_000 == 0 else None,
        )
        for place in range(CLOSED + WAITING)
    )
    await Request.bulk_create(
        Request(
            number=f"{place:09}",
            queue_number=1_000 + place,
            contact_id=1_000 + place,
            service=services[place % len(services)].code,
            village_code=places[place % len(places)].code,
            state=RequestState.SUBMITTED if place >= CLOSED else RequestState.CLOSED,
            created_at=NOW,
            submitted_at=NOW + timedelta(minutes=place),
            **common,
        )
        for place in range(CLOSED + WAITING)
    )
    if is_postgres():
        await rows("ANALYZE")


async def plan(asked: str, values: Sequence[object], world: World) -> str:
    explain = "EXPLAIN" if is_postgres() else "EXPLAIN QUERY PLAN"
    return str(await rows(f"{explain} {asked}", (world.office_id, *values)))
