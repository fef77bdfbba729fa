"""`run.py backup`, `restore`, `release`: one sentence and one exit code each, also when they are killed."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.backup.snapshot import LEAP
from models.database import sqlite_path
from tests.backup.conftest import Office
from tests.migrations.outside import everything, query
from tests.processes import environment, verb
from wiring import lock


def original(office: Office) -> dict[str, str]:
    here = {"LOKET_DATABASE_URL": office.url, "LOKET_STORAGE_URL": office.storage_url}
    return environment(office.folder, here)


def copy(office: Office) -> dict[str, str]:
    there = {"LOKET_DATABASE_URL": office.empty, "LOKET_STORAGE_URL": office.elsewhere_url}
    return environment(office.folder, there)


def killed_at(point: str, env: Mapping[str, str]) -> dict[str, str]:
    return {**env, "FAILPOINT": point}


async def test_there_and_back_in_three_verbs(office: Office) -> None:
    folder = str(office.backup)
    ended, told = await verb("backup", folder, env=original(office))
    assert (ended, "2 papers" in told) == (0, True), told
    ended, told = await verb("backup", folder, env=original(office))
    assert (ended, "not empty" in told, len(told.splitlines())) == (2, True, 1), told
    ended, told = await verb("restore", folder, env=copy(office))
    assert (ended, "2 papers" in told) == (0, True), told
    ended, told = await verb("restore", folder, env=copy(office))
    assert (ended, "has rows already" in told, len(told.splitlines())) == (1, True, 1), told
    ended, told = await verb("release", env=copy(office))
    assert (ended, "run.py serve" in told) == (1, True), told
    ended, told = await verb("release", env=original(office))
    assert (ended, "nothing to release" in told) == (1, True), told


async def test_a_backup_that_was_killed_is_none(office: Office) -> None:
    ended, _ = await verb("backup", str(office.backup), env=killed_at("backup.copied:1", original(office)))
    assert ended == -signal.SIGKILL
    ended, told = await verb("restore", str(office.backup), env=copy(office))
    assert (ended, "not a whole backup" in told, len(told.splitlines())) == (1, True, 1), told


async def test_a_restore_that_was_killed_has_not_happened_and_is_given_again(office: Office) -> None:
    await office.taken()
    for point in ("restore.papers:1", "restore.rows:1"):
        ended, _ = await verb("restore", str(office.backup), env=killed_at(point, copy(office)))
        assert ended == -signal.SIGKILL
        path = sqlite_path(office.empty)
        assert (
            not path.exists()
            if path is not None
            else await query(office.empty, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
        )
    ended, told = await verb("restore", str(office.backup), env=copy(office))
    assert ended == 0, told
    assert len((await everything(office.empty))["papers"]) == 6


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_database_that_is_served_is_not_filled(office: Office) -> None:
    await office.taken()
    held = lock.hold(office.empty)
    assert held is not None
    try:
        ended, told = await verb("restore", str(office.backup), env=copy(office))
    finally:
        lock.release(held)
    assert (ended, "already serves" in told, len(told.splitlines())) == (3, True, 1), told


async def test_no_database_and_no_folder_are_a_sentence(office: Office, tmp_path: Path) -> None:
    nowhere = environment(tmp_path, {"LOKET_DATABASE_URL": "postgres://u:canary@127.0.0.1:1/none"})
    ended, told = await verb("backup", str(office.backup), env=nowhere)
    assert (ended, "canary" in told, len(told.splitlines())) == (3, False, 1), told
    ended, told = await verb("restore", str(tmp_path / "none"), env=copy(office))
    assert (ended, "no folder" in told, len(told.splitlines())) == (1, True, 1), told


LEAVE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


async def test_a_database_that_came_back_by_other_means_is_frozen_in_place(office: Office) -> None:
    ended, told = await verb("freeze", "2026-11-24T02:00", env=original(office))
    assert (ended, "zone" in told, len(told.splitlines())) == (2, True, 1), told
    before = (await query(office.url, "SELECT max(id) FROM contacts"))[0][0]
    if office.url.startswith("postgres"):  # whoever emptied it for us is still there
        await query(office.url, LEAVE)
    ended, told = await verb("freeze", "2026-11-24T10:00+08:00", env=original(office))
    assert (ended, "run.py release" in told) == (0, True), told
    assert await query(office.url, "SELECT count(*) FROM freezes WHERE released_at IS NULL") == [(1,)]
    assert await query(office.url, "SELECT count(*) FROM outbox WHERE failure LIKE 'restored%'") == [(3,)]
    await query(
        office.url,
        "INSERT INTO contacts (office_id, name, language, created_at)"
        " VALUES (1, 'x', 'id', '2026-11-24 05:00:00+00:00')",
    )
    assert (await query(office.url, "SELECT max(id) FROM contacts"))[0][0] == before + LEAP + 1
