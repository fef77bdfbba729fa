"""``run.py audit verify``, the hourly anchor, and the file of keys."""

import asyncio
import base64
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bot.keys import Keys, KeysUnusable
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
    for name, more in (("Ani", ()), ("Budi", ("--office", "9301")), ("Cici", ())):
        assert (await run("operator", "add", name, "--role", "operator", *more, env=env)).code == 0
    whole = await run("audit", "verify", env=env)
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.splitlines() == [
        "5314: 4 rows intact; 0 anchors agree.",
        "9301: 2 rows intact; 0 anchors agree.",
    ]
    again = await run("audit", "verify", env=env)
    assert "5314: 4 rows intact; 1 anchors agree." in again.out
    assert stat.S_IMODE((tmp_path / "audit" / "anchors.log").stat().st_mode) == 0o600

    await tampered(env["LOKET_DATABASE_URL"], "DELETE FROM audit WHERE office_id = 5314 AND seq = 2")
    broken = await run("audit", "verify", env=env)
    assert broken.code == 1
    assert broken.err.splitlines() == [
        "5314: the audit is not as it was written: after row 1 comes row 3: 1 deleted."
    ]
    assert broken.out.splitlines() == ["9301: 2 rows intact; 2 anchors agree."]


async def test_another_key_and_an_open_file_are_told(env: dict[str, str], tmp_path: Path) -> None:
    assert (await run("operator", "add", "Ani", "--role", "operator", env=env)).code == 0
    keys = tmp_path / "keys.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    keys.chmod(0o644)
    opened = await run("audit", "verify", env=env)
    assert (opened.code, opened.err.count("\n")) == (2, 1)
    assert "LOKET_KEYS_FILE" in opened.err and "chmod 600" in opened.err
    keys.unlink()
    other = await run("audit", "verify", env=env)  # makes a new one
    assert other.code == 1
    assert "row 1 was changed" in other.err


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


# ---------------------------------------------------------------------- the file of keys


def test_the_file_is_made_once_and_its_keys_stay(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    first = Keys.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]
    assert Keys.open(path).derived("audit") == first.derived("audit")
    assert len(first.derived("audit")) == 32 and first.derived("audit") != first.derived("index")
    held = json.loads(path.read_text())
    assert held["keys"]["k1"] not in repr(first)
    held["keys"]["k2"], held["current"] = base64.b64encode(bytes(32)).decode(), "k2"
    path.write_text(json.dumps(held))
    assert Keys.open(path).derived("audit") == first.derived("audit")  # of the oldest


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"keys": {}}', '{"current": "k1", "keys": {"k1": "c2hvcnQ="}}', '{"current": 1, "keys": 2}'],
)
def test_what_is_no_keys_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeysUnusable):
        Keys.open(path)


async def test_many_that_start_at_once_use_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    opened = await asyncio.gather(*(asyncio.to_thread(Keys.open, path) for _ in range(8)))
    assert len({keys.derived("audit") for keys in opened}) == 1
