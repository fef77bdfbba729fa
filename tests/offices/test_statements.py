"""Every statement of a message's way names its office, so that a sharded database is asked in one place."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from models.hot import postgres, sqlite
from tests.flows.steps import files_a_lost_card, says
from tests.offices.statements import names_no_office, touches_rows_of_offices, watched
from tests.offices.town_hall import ROTE, open_both

ACROSS = (
    "LIKE '%\"held\"%'",  # once a day: uploads that no message names
    "FROM files WHERE storage_key IN",  # … and files that no row does
    "FROM early_receipts e",  # once a tick: what was said of messages before they were known
    'DELETE FROM "early_receipts"',
    "SELECT id FROM inbox WHERE state = 'new'",  # the nets, now and then: what nobody has taken up
    '"lease_until"<',
    '"inbox" WHERE "id" IN',  # … and what they found
    'WHERE NOT "sent_at" IS NULL',  # what others have sent just before
    '"inbox" WHERE "state" IN',  # the daily sweep for files that no row of any office names
    "FROM paper_keys k WHERE k.created_at",
    'FROM "purges" ORDER BY "last_at"',  # whether anything was deleted, of which SQLite's log is emptied
)
_PART = re.compile(r"\) SELECT |\w+ AS \(")  # of a statement made of several


async def test_from_the_first_word_to_the_card_in_the_hand(database_url: str, tmp_path: Path) -> None:
    async with open_both(database_url, tmp_path) as hall:
        with watched() as told:
            citizen, ani = hall.citizen(ROTE), await hall.operator(ROTE, "Ani")
            number = await files_a_lost_card(citizen)
            await says(ani, "/antrean")
            await ani.says("/ambil")
            await ani.hears(containing=number)
            await says(ani, "/lengkap 1", "/proses 1", "/tte 1")
            await says(ani, "/siap 1")
            await citizen.hears(containing="siap diambil")
            await says(ani, f"/serah {number}")
            await citizen.hears(containing="sudah diserahkan")
        assert len(told) > 100
        nobodys = {one for one in told if names_no_office(one) and not any(known in one for known in ACROSS)}
        assert nobodys == set()


@pytest.mark.parametrize("module", [sqlite, postgres])
def test_the_fast_path_does_too(module: ModuleType) -> None:
    parts = [
        " ".join(part.split())
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
        for part in _PART.split(" ".join(value.split()))
    ]
    touching = [part for part in parts if touches_rows_of_offices(part)]
    assert len(touching) > 8
    assert [part for part in touching if "office_id" not in part] == []
