"""``LOKET_KEYS_FILE`` and ``run.py keys rotate``, as processes of their own."""

from pathlib import Path

import pytest

from tests.wiring.verbs import run

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def env(database_url: str, folder: Path) -> dict[str, str]:
    return {"LOKET_DATA_DIR": str(folder), "LOKET_DATABASE_URL": database_url}


async def test_the_first_verb_makes_them_and_a_rotation_keeps_everything_readable(
    database_url: str, tmp_path: Path
) -> None:
    ended = await run("operator", "list", env=env(database_url, tmp_path))
    assert ended.code == 0, ended.err
    before = (tmp_path / "keys.json").read_text()
    ended = await run("keys", "rotate", env=env(database_url, tmp_path))
    assert (ended.code, ended.out.startswith("k2: a new key, 1 data keys wrapped")) == (0, True), ended
    assert (tmp_path / "keys.json").read_text() != before
    assert (await run("operator", "list", env=env(database_url, tmp_path))).code == 0


async def test_without_its_file_a_sealed_database_is_not_opened(database_url: str, tmp_path: Path) -> None:
    await run("operator", "list", env=env(database_url, tmp_path))
    kept = (tmp_path / "keys.json").read_text()
    (tmp_path / "keys.json").unlink()
    ended = await run("operator", "list", env=env(database_url, tmp_path))
    assert (ended.code, "LOKET_KEYS_FILE" in ended.err, "is not there" in ended.err) == (2, True, True), ended
    assert not (tmp_path / "keys.json").exists()

    other = tmp_path / "other"
    other.mkdir()
    await run("operator", "list", env=env(f"sqlite://{other}/loket.db", other))
    (tmp_path / "keys.json").write_text((other / "keys.json").read_text())
    (tmp_path / "keys.json").chmod(0o600)
    ended = await run("operator", "list", env=env(database_url, tmp_path))
    assert (ended.code, "is not what this database is sealed under" in ended.err) == (2, True), ended

    (tmp_path / "keys.json").write_text(kept)
    assert (await run("operator", "list", env=env(database_url, tmp_path))).code == 0
