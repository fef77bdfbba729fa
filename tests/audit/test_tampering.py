"""Whatever is done to the rows behind our back is found, and said in one sentence."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from copy import deepcopy
from typing import Any

import pytest

from models.database import is_postgres, rows, transaction
from office import audit
from office.audit_anchors import Anchor, AnchorForged, anchor_of, keep, kept
from office.audit_check import Chain, Intact, Tampered, check
from office.context import OfficeContext
from tests.audit.conftest import KEY
from tests.audit.rows import OFFICE, TAMPERINGS, Head, Rows, written
from tests.migrations.outside import query, run_all
from tests.office.world import NOW

ROWS, TIMES = 40, 1000


def walked(given: Rows, head: Head, anchors: Sequence[Anchor] = ()) -> Intact:
    chain = Chain(KEY, OFFICE, anchors)
    for row in sorted(given, key=lambda row: (row["seq"], row["id"])):
        chain.take(row)
    return chain.end(head)


def test_a_thousand_random_tamperings_are_found() -> None:
    given, head = written(ROWS)
    anchor = Anchor(OFFICE, ROWS, head["mac"], "then")
    assert walked(given, head, [anchor]) == Intact(ROWS, 1)
    dice = random.Random(5314)
    for time in range(TIMES):
        tampering = TAMPERINGS[time % len(TAMPERINGS)]
        those, its_head = deepcopy(given), dict(head)
        while True:
            told = tampering(those, its_head, dice)
            if those != given:
                break
        with pytest.raises(Tampered) as found:
            walked(those, its_head, [anchor])
            pytest.fail(f"not found: {tampering.__name__}, {told}")
        assert str(found.value) and "\n" not in str(found.value)


def test_all_but_the_oldest_trick_is_found_without_anchors() -> None:
    given, head = written(ROWS)
    dice = random.Random(1)
    for tampering in TAMPERINGS:
        those, its_head = deepcopy(given), dict(head)
        tampering(those, its_head, dice)
        if tampering.__name__ == "cut_off_beyond_an_anchor":
            assert walked(those, its_head).rows < ROWS
        else:
            with pytest.raises(Tampered):
                walked(those, its_head)


async def noted(count: int) -> None:
    for n in range(1, count + 1):
        await audit.note("cli", "code_made", f"staff:{n}", NOW)


async def test_what_is_noted_is_intact_and_counts_from_one(here: OfficeContext) -> None:
    assert await check(here) == Intact(0, 0)
    await noted(5)
    end = await anchor_of(here.office_id, NOW)
    assert end is not None and end.seq == 5
    keep(end, here.audit)
    await noted(2)
    assert await check(here) == Intact(7, 1)


STATEMENTS = {
    "row 3 was changed": "UPDATE audit SET object = 'request:7' WHERE seq = 3",
    "row 4 was changed": "UPDATE audit SET at = '2026-11-25 00:00:00+00:00' WHERE seq = 4",
    "after row 2 comes row 4: 1 deleted": "DELETE FROM audit WHERE seq = 3",
    "after row 0 comes row 2: 1 deleted": "DELETE FROM audit WHERE seq = 1",
    "it ends at row 5, but its head is of row 6": "DELETE FROM audit WHERE seq = 6",
    "row 1 was changed": "UPDATE audit SET seq = CASE seq WHEN 1 THEN 9 WHEN 2 THEN 1 ELSE seq END",
    "row 7 was changed": "INSERT INTO audit (office_id, seq, at, actor, role, action, object, reason, mac)"
    " SELECT office_id, 7, at, actor, role, action, object, reason, mac FROM audit WHERE seq = 6",
    "was written by somebody else": "UPDATE audit_heads SET seal = ''",
    "6 rows have no head": "DELETE FROM audit_heads",
}


@pytest.mark.parametrize("said", STATEMENTS)
async def test_real_rows_are_watched_too(here: OfficeContext, database_url: str, said: str) -> None:
    await noted(6)
    await run_all(database_url, [*_unguarded(), STATEMENTS[said]])
    with pytest.raises(Tampered, match=said):
        await check(here)


def _unguarded() -> list[str]:
    """Who owns the database can take the triggers away: the chain is for that."""
    if is_postgres():
        return ["ALTER TABLE audit DISABLE TRIGGER USER"]
    return [f"DROP TRIGGER audit_{name}" for name in ("never_changes", "never_shrinks", "replaces_nothing")]


def test_a_hundred_tamperings_of_a_table_without_its_keys_are_found() -> None:
    """Rows in SQLite in the hands of somebody who took the unique keys away."""
    given, head = written(ROWS)
    dice = random.Random(7)
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        db.execute(
            "CREATE TABLE audit (id INT, office_id INT, seq BIGINT, at TIMESTAMP, actor TEXT, role TEXT,"
            " action TEXT, object TEXT, reason TEXT, mac TEXT)"
        )
        for time in range(100):
            those, its_head = deepcopy(given), dict(head)
            told = TAMPERINGS[time % len(TAMPERINGS)](those, its_head, dice)
            if those == given:
                continue
            db.execute("DELETE FROM audit")
            names = ", ".join(given[0])
            marks = ", ".join("?" for _ in given[0])
            dice.shuffle(those)
            db.executemany(
                f"INSERT INTO audit ({names}) VALUES ({marks})",  # noqa: S608 - names of ours
                [tuple(row.values()) for row in those],
            )
            read = [dict(row) for row in db.execute("SELECT * FROM audit")]
            with pytest.raises(Tampered):
                walked(read, its_head, [Anchor(OFFICE, ROWS, head["mac"], "then")])
                pytest.fail(told)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit",
    ],
)
async def test_the_database_refuses_to_change_or_delete_a_row(here: OfficeContext, statement: str) -> None:
    await noted(1)
    with pytest.raises(Exception, match="never"):
        await transaction(lambda: rows(statement))
    assert await check(here) == Intact(1, 0)


async def test_a_row_cannot_be_replaced_either(here: OfficeContext, database_url: str) -> None:
    await noted(1)
    replace, said = (
        ("TRUNCATE audit", "never")
        if is_postgres()
        else (
            "INSERT OR REPLACE INTO audit"
            " SELECT id, office_id, seq, at, actor, role, action, object, 'x', mac FROM audit",
            "never replaced",
        )
    )
    with pytest.raises(Exception, match=said):
        await query(database_url, replace)
    assert await check(here) == Intact(1, 0)


async def test_what_was_cut_off_with_an_old_head_is_known_by_the_anchor(
    here: OfficeContext, database_url: str
) -> None:
    await noted(3)
    old = (await rows("SELECT * FROM audit_heads"))[0]
    await noted(2)
    end = await anchor_of(here.office_id, NOW)
    assert end is not None
    keep(end, here.audit)
    back = "UPDATE audit_heads SET seq = 3, mac = '{mac}', seal = '{seal}'".format(**old)  # noqa: S608 - our own
    await run_all(database_url, [*_unguarded(), "DELETE FROM audit WHERE seq > 3", back])
    with pytest.raises(Tampered, match="ends at row 3, but row 5 was anchored at 2026-11-24"):
        await check(here)


async def test_writing_on_does_not_heal_a_head_that_was_set_back(
    here: OfficeContext, database_url: str
) -> None:
    await noted(4)
    third = (await rows("SELECT mac FROM audit WHERE seq = 3"))[0]["mac"]
    back = f"UPDATE audit_heads SET seq = 3, mac = '{third}'"  # noqa: S608
    await run_all(database_url, [*_unguarded(), "DELETE FROM audit WHERE seq = 4", back])
    await noted(3)
    with pytest.raises(Tampered, match="written by somebody else"):
        await check(here)


async def test_the_anchors_file_is_for_its_owner_and_knows_its_own_lines(here: OfficeContext) -> None:
    await noted(1)
    end = await anchor_of(here.office_id, NOW)
    assert end is not None and here.audit.anchors is not None
    keep(end, here.audit)
    keep(end, here.audit)
    assert here.audit.anchors.stat().st_mode & 0o777 == 0o600
    assert [anchor.line for anchor in kept(here.office_id, here.audit)] == [1, 2]
    text = here.audit.anchors.read_text()
    for forged, said in ((text.replace('"seq": 1', '"seq": 2'), "line 1"), (text + "{}\n", "line 3")):
        here.audit.anchors.write_text(forged)
        with pytest.raises(AnchorForged, match=said):
            kept(here.office_id, here.audit)
        with pytest.raises(Tampered, match=said):
            await check(here)


@pytest.mark.parametrize("about", ["Maria Tungga", "request:12; DROP", "", "request:Ä"])
async def test_only_codes_are_taken(here: OfficeContext, about: str) -> None:
    with pytest.raises(ValueError, match="codes only"):
        await audit.note("cli", "code_made", about, NOW)
    assert await check(here) == Intact(0, 0)


async def test_what_is_undone_was_never_noted(here: OfficeContext) -> None:
    async def fails() -> Any:
        await audit.note("cli", "code_made", "staff:1", NOW)
        raise RuntimeError

    await noted(1)
    with pytest.raises(RuntimeError):
        await transaction(fails)
    await noted(1)
    assert await check(here) == Intact(2, 0)


async def test_many_at_once_stand_in_one_chain(here: OfficeContext) -> None:
    async def one(n: int) -> None:
        await transaction(lambda: audit.note("cli", "code_made", f"staff:{n}", NOW))

    await asyncio.gather(*(one(n) for n in range(1, 31)))
    assert await check(here) == Intact(30, 0)
