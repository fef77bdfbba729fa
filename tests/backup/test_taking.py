"""A backup is whole, of one moment, and closed to others."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.backup.taking import FolderInTheWay, take
from models.backup.problems import BackupRefused
from models.database import sqlite_path
from tests.backup.conftest import OFFICE, PAPER, TAKEN, UPLOAD, Office
from tests.migrations.outside import everything


def papers_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "papers").rglob("*") if path.is_file()]


async def test_everything_is_counted_and_listed(office: Office) -> None:
    manifest = await office.taken()
    there = await everything(office.url)
    assert dict(manifest.rows) == {t: len(rows) for t, rows in there.items() if t != "schema_versions"}
    assert [one.version for one in manifest.schema] == [row[0] for row in there["schema_versions"]]
    assert (manifest.office_id, manifest.taken_at, manifest.lacking) == (OFFICE, TAKEN, {})
    found = {str(p.relative_to(office.backup)) for p in office.backup.rglob("*") if p.is_file()}
    assert found == {*manifest.files, "manifest.json"}


async def test_papers_are_copied_sealed_and_so_is_an_upload_whose_event_waits(office: Office) -> None:
    await office.taken()
    copied, kept = ({p.read_bytes() for p in papers_in(where)} for where in (office.backup, office.folder))
    assert len(copied) == 2
    assert copied == kept
    assert not any(clear in sealed for clear in (PAPER, UPLOAD) for sealed in copied)


async def test_nobody_else_may_read_it(office: Office) -> None:
    await office.taken()
    assert [p for p in (office.backup, *office.backup.rglob("*")) if p.stat().st_mode & 0o077] == []


async def test_it_goes_into_a_folder_of_its_own(office: Office) -> None:
    (office.folder / "backup").mkdir()
    await office.taken()
    before = (office.backup / "manifest.json").read_bytes()
    with pytest.raises(FolderInTheWay):
        await office.taken()
    assert (office.backup / "manifest.json").read_bytes() == before


async def test_a_paper_that_is_gone_or_damaged_is_named_and_the_rest_is_backed_up(office: Office) -> None:
    [paper] = [path for path in papers_in(office.folder) if path.name.startswith("wa-")]
    (office.folder / "papers" / "webchat" / "upload").write_bytes(b"rotten")
    paper.unlink()
    manifest = await office.taken()
    assert sorted(manifest.lacking.values()) == ["damaged", "gone"]
    assert (await office.brought_back()).papers == 1


async def test_an_upload_that_was_read_meanwhile_is_named_as_gone(office: Office) -> None:
    await office.storage.empty("webchat/upload")
    assert await office.storage.get("webchat/upload") == b""
    assert dict((await office.taken()).lacking) == {"webchat/upload": "gone"}


async def test_where_nothing_can_be_written_it_says_so(office: Office) -> None:
    (office.folder / "in_the_way").write_text("a file")
    with pytest.raises(BackupRefused, match="cannot be written"):
        await take(
            office.url, office.storage, office.folder / "in_the_way" / "x", office_id=OFFICE, now=TAKEN
        )


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_is_only_in_the_wal_is_in_the_copy(office: Office) -> None:
    path = sqlite_path(office.url)
    assert path is not None
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("INSERT INTO contacts (office_id, name, language, created_at) VALUES (1, 'W', '', '')")
        writer.commit()
        assert Path(f"{path}-wal").stat().st_size > 0
        await office.taken()
    with closing(sqlite3.connect(office.backup / "database" / "loket.db")) as copy:
        assert copy.execute("SELECT count(*) FROM contacts WHERE name = 'W'").fetchone() == (1,)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_damaged_database_gives_no_backup(office: Office) -> None:
    path = sqlite_path(office.url)
    assert path is not None
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 20] = b"\xff" * 4096 * 17
    path.write_bytes(content)
    with pytest.raises(BackupRefused):
        await office.taken()
    assert not (office.backup / "manifest.json").exists()
