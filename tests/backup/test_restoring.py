"""A backup comes back to the row and to the bit, or not at all and with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.backup import manifest as manifests
from bot.backup.restoring import restore
from bot.sealed_storage import SealedStorage
from models.backup.problems import BackupBroken, BackupRefused, DatabaseInUse
from models.backup.snapshot import LEAP
from models.database import close_database, open_database, rows, sqlite_path
from models.migrate import migrate
from models.migrations.files import FOLDER
from tests.backup.conftest import BROUGHT, OFFICE, PAPER, UPLOAD, Office
from tests.migrations.outside import everything, query, schema, tables

CHANGED_BY_A_RESTORE = {"outbox", "freezes", "schema_versions"}


async def test_every_row_and_paper_comes_back(office: Office) -> None:
    await office.taken()
    assert (await office.brought_back()).papers == 2
    before, after = await everything(office.url), await everything(office.empty)
    assert before.keys() == after.keys()
    for table in before.keys() - CHANGED_BY_A_RESTORE:
        assert after[table] == before[table], table
    assert len(after["outbox"]) == len(before["outbox"])
    assert await schema(office.empty) == await schema(office.url)
    [(key,)] = await query(office.empty, "SELECT storage_key FROM files WHERE storage_key IS NOT NULL")
    await open_database(office.empty)
    try:
        papers = SealedStorage(office.elsewhere)
        assert await papers.get("webchat/upload") == UPLOAD
        assert await papers.get(key) == PAPER
    finally:
        await close_database()


async def test_no_number_that_the_original_may_have_given_is_given_again(office: Office) -> None:
    await office.taken()
    await office.brought_back()
    last = (await query(office.url, "SELECT max(id) FROM contacts"))[0][0]
    for table, columns in {"contacts": "name, language", "staff": "name, role"}.items():
        await query(
            office.empty,
            f"INSERT INTO {table} (office_id, {columns}, created_at)"  # noqa: S608
            " VALUES (1, 'x', 'id', '2026-11-24 05:00:00+00:00')",
        )
        assert (await query(office.empty, f"SELECT max(id) FROM {table}"))[0][0] > LEAP  # noqa: S608
    assert (await query(office.empty, "SELECT max(id) FROM contacts"))[0][0] > last + LEAP - 1
    await query(
        office.empty,
        "INSERT INTO link_codes (office_id, code_hash, channel, account, expires_at, contact_id)"
        " SELECT 1, 'x', 'x', 'x', '2026-11-24 05:00:00+00:00', max(id) FROM contacts",
    )  # a table that was empty when the backup was taken
    assert (await query(office.empty, "SELECT max(id) FROM link_codes"))[0][0] > LEAP


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _a_file_of(folder: str) -> Callable[[Path], Path]:
    return lambda backup: max(
        (p for p in (backup / folder).rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the database": (lambda b: _flip(_a_file_of("database")(b)), "is not as it was written"),
    "a bit of a paper": (lambda b: _flip(_a_file_of("papers")(b)), "is not as it was written"),
    "a bit of the manifest": (lambda b: _flip(b / "manifest.json"), "is not as it was written"),
    "a database cut short": (lambda b: _cut(_a_file_of("database")(b)), "bytes instead of"),
    "a paper missing": (lambda b: _a_file_of("papers")(b).unlink(), "is missing"),
    "the database missing": (lambda b: _a_file_of("database")(b).unlink(), "is missing"),
    "a manifest of something else": (lambda b: (b / "manifest.json").write_text("[1]"), "not as it was"),
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("harm", BROKEN)
async def test_what_is_damaged_is_refused_and_nothing_is_written(harm: str, office: Office) -> None:
    await office.taken()
    do, sentence = BROKEN[harm]
    do(office.backup)
    with pytest.raises(BackupBroken, match=sentence):
        await office.brought_back()
    await nothing_was_written(office)


async def nothing_was_written(office: Office) -> None:
    path = sqlite_path(office.empty)
    assert (path is None or not path.exists()) and await _tables(office.empty) == []
    assert [p for p in (office.folder / "elsewhere").rglob("*") if p.is_file()] == []


async def _tables(url: str) -> list[str]:
    path = sqlite_path(url)
    return [] if path is not None and not path.exists() else await tables(url)


async def test_without_a_manifest_it_is_no_backup(office: Office) -> None:
    await office.taken()
    (office.backup / "manifest.json").unlink()
    with pytest.raises(BackupRefused, match="not a whole backup"):
        await office.brought_back()


def _say(office: Office, **changes: object) -> None:
    """A manifest that says something else, and is sound in itself."""
    found = manifests.read(office.backup)
    (office.backup / "manifest.json").unlink()
    changed = {name: getattr(found, name) for name in found.__dataclass_fields__} | changes
    manifests.Manifest(**changed).write(office.backup)


async def test_rows_that_do_not_count_up_are_refused_whole(office: Office) -> None:
    taken = await office.taken()
    _say(office, rows={**taken.rows, "papers": 7})
    with pytest.raises(BackupBroken, match="does not hold the rows"):
        await office.brought_back()
    assert await _tables(office.empty) == []


async def test_a_backup_of_something_else_is_refused(office: Office) -> None:
    taken = await office.taken()
    other = "sqlite" if taken.engine == "postgres" else "postgres"
    newer = [*taken.schema, type(taken.schema[0])(9000, "9000_future.sql", "")]
    changed = [type(one)(one.version, one.name, "0" * 64) for one in taken.schema]
    escaping = {"../../etc/passwd": next(iter(taken.files.values()))}
    for change, sentence in (
        ({"engine": other}, "LOKET_DATABASE_URL"),
        ({"office_id": 1}, "LOKET_OFFICE"),
        ({"schema": newer}, "9000"),
        ({"schema": changed}, "0001_first"),
        ({"files": {**taken.files, **escaping}}, "leads out"),
    ):
        _say(office, **change)
        with pytest.raises(BackupRefused, match=sentence):
            await office.brought_back()
        _say(office, **{name: getattr(taken, name) for name in change})
    await nothing_was_written(office)


async def test_a_database_with_rows_is_left_alone(office: Office) -> None:
    await office.taken()
    await office.brought_back()
    before = await everything(office.empty)
    with pytest.raises(BackupRefused, match="has rows already"):
        await office.brought_back()
    assert await everything(office.empty) == before


async def test_a_migrated_database_without_rows_will_do(office: Office) -> None:
    await migrate(office.empty)
    await office.taken()
    await office.brought_back()
    assert len((await everything(office.empty))["papers"]) == 6


async def test_another_file_under_a_papers_key_is_not_overwritten(office: Office) -> None:
    await office.taken()
    await office.elsewhere.put("webchat/upload", b"somebody else's")
    with pytest.raises(BackupRefused, match="another file"):
        await office.brought_back()
    assert await office.elsewhere.get("webchat/upload") == b"somebody else's"
    assert await _tables(office.empty) == []


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_postgresql_database_to_which_others_are_connected_is_not_filled(office: Office) -> None:
    await office.taken()
    await open_database(office.empty)
    try:
        await rows("SELECT 1")
        with pytest.raises(DatabaseInUse):
            await office.brought_back()
    finally:
        await close_database()
    assert await _tables(office.empty) == []


async def test_a_backup_of_an_older_schema_is_brought_up(office: Office, tmp_path: Path) -> None:
    """As if it had been taken before the newest migration."""
    await office.taken()
    newest = tmp_path / "newer"
    newest.mkdir()
    for path in FOLDER.glob("*.sql"):
        (newest / path.name).write_text(path.read_text())
    number = max(int(p.name[:4]) for p in newest.glob("*.sql")) + 1
    (newest / f"{number:04}_more.sql").write_text(
        'ALTER TABLE "contacts" ADD COLUMN "more" INT NOT NULL DEFAULT 5;'
    )
    await restore(
        office.backup, office.empty, office.elsewhere,
        office_id=OFFICE, idempotent=(), now=BROUGHT, migrations=newest,
    )  # fmt: skip
    assert {row[0] for row in await query(office.empty, "SELECT more FROM contacts")} == {5}
    assert (await query(office.empty, "SELECT max(version) FROM schema_versions")) == [(number,)]
