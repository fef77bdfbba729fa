"""What a test may leave behind, once for each place: no tests, but run as such by `test_they_are_found`.

None has a fault of its own, and all but the first have to fail: that is what is tried.
"""

import base64
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.canaries.words import NAMES, TELEPHONE
from tests.flows.steps import NIK
from tests.postgres import Postgres, connect


def leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "harmless").write_text("nothing")


def leaves_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(b"123" + base64.b64encode(b"ab" + NIK.encode()))


def leaves_in_an_open_log(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Deleted before the folder is looked through."""
    db = sqlite3.connect(tmp_path / "loket.db", isolation_level=None)
    for statement in ("journal_mode = WAL", "secure_delete = ON"):
        db.execute(f"PRAGMA {statement}")
    db.execute("CREATE TABLE people (nik)")
    db.execute("INSERT INTO people VALUES (?)", (NIK,))

    def leave() -> None:
        with closing(db):
            db.execute("DELETE FROM people")

    request.addfinalizer(leave)


def leaves_in_a_temporary_file() -> None:
    Path(tempfile.mkdtemp(), "page").write_text(f"?name={NAMES[0].replace(' ', '%20')}")


def leaves_in_what_it_prints() -> None:
    print(f"{NIK[:4]}-{NIK[4:8]}-{NIK[8:12]}-{NIK[12:]}")  # noqa: T201


def leaves_in_a_shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    Path(tmp_path_factory.mktemp("shared"), "book").write_bytes(f"0{TELEPHONE}".encode("utf-16-be"))


async def leaves_in_a_database_that_is_gone(postgres_server: Postgres) -> None:
    """A row that was deleted, in a database that was dropped, in a piece of the log that was done with."""
    url = await postgres_server.create()
    db = await connect(url)
    await db.execute("CREATE TABLE people (name text)")
    await db.execute("INSERT INTO people VALUES ($1)", NAMES[0].lower())
    await db.execute("DELETE FROM people")
    await db.execute("SELECT pg_switch_wal()")
    await db.close()
    await postgres_server.drop(url)
