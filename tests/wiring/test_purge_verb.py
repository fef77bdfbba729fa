"""``run.py purge``: counts beforehand, deletes from rows and disk, and may be killed at any step."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Contact
from models.database import close_database, open_database
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind, InboxState
from models.sealing import held
from models.sealing.keys import Keys
from tests.migrations.outside import query
from tests.processes import environment, verb

SAID = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
KEYS = tuple(f"2026/09/01/wa-{n:024x}" for n in range(2))
OFFICE = 5314
SEALED = "SELECT body FROM inbox UNION ALL SELECT name FROM contacts"


async def _talk(url: str, folder: Path) -> None:
    await open_database(url)
    await held.take(Keys.open(folder / "keys.json"))
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    try:
        maria = await Contact.create(office_id=OFFICE, name="Maria", created_at=SAID)
        for n, key in enumerate(KEYS):
            event = await InboxEvent.create(
                office_id=OFFICE, channel="whatsapp", account="1", external_id=str(n), kind=InboxKind.MESSAGE,
                contact_id=maria.id, body='{"text": "Maria"}', received_at=SAID, state=InboxState.DONE,
            )  # fmt: skip
            await storage.put(key, b"a card", office_id=OFFICE)
            await StoredFile.create(
                office_id=OFFICE,
                file_id=key[-24:],
                event_id=event.id,
                storage_key=key,
                size=6,
                created_at=SAID,
            )
    finally:
        await close_database()


def files(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "papers").rglob("*"))


async def test_a_verb_that_counts_deletes_and_goes_on_where_it_was_killed(
    database_url: str, tmp_path: Path
) -> None:
    await _talk(database_url, tmp_path)
    env = environment(tmp_path, {"LOKET_DATABASE_URL": database_url}) | {
        "LOKET_CLOCK": (SAID + timedelta(days=31)).isoformat(),
        "LOKET_STORAGE_URL": f"file://{tmp_path}/papers",
    }
    ended, told = await verb("purge", "--dry-run", env=env)
    assert ended == 0 and f"{OFFICE}  inbox  2" in told and f"{OFFICE}  files  2" in told, told
    sealed = [str(one) for (one,) in await query(database_url, SEALED)]
    assert len(sealed) == 3
    ended, told = await verb("purge", "--office", "9999", env=env)
    assert (ended, "serves 5314" in told) == (2, True), told

    for point in ("purge.files:1", "file.deleted:1", "file.deleted:1"):
        ended, told = await verb("purge", env={**env, "FAILPOINT": point})
        assert ended == -signal.SIGKILL, told
        named = await query(
            database_url, "SELECT count(*) FROM files WHERE state = 'stored' AND storage_key IS NOT NULL"
        )
        assert named[0][0] <= files(tmp_path)  # no row promises what is gone
    ended, told = await verb("purge", "--office", str(OFFICE), env=env)
    assert ended == 0, told
    assert files(tmp_path) == 0
    for table, left in (
        ("files", "storage_key IS NOT NULL"),
        ("inbox", "body LIKE 's1.%'"),
        ("contacts", "name <> ''"),
    ):
        assert await query(database_url, f"SELECT count(*) FROM {table} WHERE {left}") == [(0,)]  # noqa: S608
    assert await query(database_url, "SELECT count(*) FROM paper_keys") == [(0,)]
    counted = await query(database_url, "SELECT kind, count FROM purges WHERE kind <> 'day' ORDER BY kind")
    assert counted == [("contacts", 1), ("files", 2), ("inbox", 2)]
    for path in tmp_path.glob("loket.db*"):  # SQLite: not in its pages, nor in its log
        content = path.read_bytes()
        assert not any(one.encode() in content for one in sealed)
