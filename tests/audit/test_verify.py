"""``run.py audit verify`` and the hourly anchor."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from models.database import close_database, is_postgres, open_database
from models.staff import Role
from office import staff
from office.audit_anchors import kept
from office.context import OfficeContext
from scheduler.anchors import anchor
from tests.migrations.outside import run_all
from tests.office.world import NOW
from tests.offices import merauke
from tests.wiring.verbs import run


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "LOKET_ENV": "test",
        "LOKET_DATA_DIR": str(tmp_path),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_OFFICES": str(merauke.files_of(tmp_path, "LOKET_PUBLIC_URL=https://merauke.test\n")),
    }


async def tampered(url: str, statement: str) -> None:
    await open_database(url)
    unguarded = (
        ["ALTER TABLE audit DISABLE TRIGGER USER"]
        if is_postgres()
        else [f"DROP TRIGGER audit_{name}" for name in ("never_changes", "never_shrinks")]
    )
    await close_database()
    await run_all(url, [*unguarded, statement])


async def test_each_office_is_looked_at_and_the_first_tampering_is_named(
    env: dict[str, str], tmp_path: Path
) -> None:
    for name, more in (("Ani", ()), ("Budi", ("--office", "9301"))):
        assert (await run("operator", "add", name, "--role", "operator", *more, env=env)).code == 0
    whole = await run("audit", "verify", env=env)
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.splitlines() == [
        "5314: 3 rows intact; 0 anchors agree.",
        "9301: 3 rows intact; 0 anchors agree.",
    ]
    again = await run("audit", "verify", env=env)
    assert "5314: 3 rows intact; 1 anchors agree." in again.out
    assert stat.S_IMODE((tmp_path / "audit" / "anchors.log").stat().st_mode) == 0o600

    await tampered(env["LOKET_DATABASE_URL"], "DELETE FROM audit WHERE office_id = 5314 AND seq = 1")
    broken = await run("audit", "verify", env=env)
    assert broken.code == 1
    assert broken.err.splitlines() == [
        "5314: the audit is not as it was written: after row 0 comes row 2: 1 deleted."
    ]
    assert broken.out.splitlines() == ["9301: 3 rows intact; 2 anchors agree."]


async def test_with_another_file_of_keys_it_does_not_begin(env: dict[str, str], tmp_path: Path) -> None:
    assert (await run("operator", "add", "Ani", "--role", "operator", env=env)).code == 0
    elsewhere = str(tmp_path / "other.json")
    other = await run("audit", "verify", env=env | {"LOKET_KEYS_FILE": elsewhere})
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "LOKET_KEYS_FILE" in other.err


async def test_every_hour_the_end_is_remembered(here: OfficeContext) -> None:
    await anchor(NOW)  # nothing yet
    assert kept(here.office_id, here.audit) == []
    await staff.add("Ani", Role.OPERATOR, NOW)
    await anchor(NOW)
    await staff.add("Budi", Role.OPERATOR, NOW)
    await anchor(NOW + timedelta(hours=1))
    assert [(one.seq, one.at) for one in kept(here.office_id, here.audit)] == [
        (2, "2026-11-24 02:00:00+00:00"),
        (4, "2026-11-24 03:00:00+00:00"),
    ]
