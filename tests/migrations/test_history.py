"""What is in the database and what is in the folder have to agree."""

import shutil
from pathlib import Path

import pytest

from models.migrate import check, migrate, pending
from models.migrations.files import FOLDER
from models.migrations.problems import DatabaseNewer, MigrationChanged, MisnamedMigration, SchemaOlder
from tests.migrations.outside import everything, query, schema

VERSIONS = sorted({int(path.name[:4]) for path in FOLDER.glob("*.sql")})


def history(folder: Path, *, until: int = VERSIONS[-1]) -> Path:
    folder.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.sql"):
        if int(path.name[:4]) <= until:
            shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_from_every_earlier_version_the_schema_becomes_the_fresh_one(
    version: int, empty_url: str, database_url: str, tmp_path: Path
) -> None:
    await migrate(empty_url, history(tmp_path / "old", until=version))
    waiting = await pending(empty_url)
    assert len(waiting) == VERSIONS[-1] - version
    with pytest.raises(SchemaOlder):
        await check(empty_url)

    assert await migrate(empty_url) == waiting
    await check(empty_url)
    assert await schema(empty_url) == await schema(database_url)


async def test_migrating_again_does_nothing(database_url: str) -> None:
    before = await everything(database_url)
    assert await migrate(database_url) == []
    assert await everything(database_url) == before


async def test_looking_at_an_empty_database_changes_nothing(empty_url: str) -> None:
    assert len(await pending(empty_url)) == len(VERSIONS)
    assert await schema(empty_url) == []


async def test_a_changed_file_is_refused_by_name(database_url: str, tmp_path: Path) -> None:
    folder = history(tmp_path / "edited")
    for path in folder.glob("0001*"):
        path.write_text(path.read_text() + "-- harmless\n")
    for refuse in (migrate, pending, check):
        with pytest.raises(MigrationChanged, match="0001_first"):
            await refuse(database_url, folder)


async def test_a_newer_database_is_refused(database_url: str) -> None:
    await query(
        database_url,
        "INSERT INTO schema_versions (version, name, sha256, applied_at)"
        " VALUES (9000, '9000_future.sql', '', '2027-01-01 00:00:00+00:00')",
    )
    for refuse in (migrate, pending, check):
        with pytest.raises(DatabaseNewer, match="9000"):
            await refuse(database_url)


@pytest.mark.parametrize("name", ["0009_gap.sql", "0001_twice.sql", "first.sql", "0003_Case.sql"])
async def test_a_folder_that_does_not_count_is_refused(name: str, empty_url: str, tmp_path: Path) -> None:
    folder = history(tmp_path / "misnamed")
    (folder / name).write_text("SELECT 1;")
    with pytest.raises(MisnamedMigration):
        await migrate(empty_url, folder)
    assert await schema(empty_url) == []
