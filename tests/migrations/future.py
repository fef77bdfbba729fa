"""Migrations that might come: a trigger on `requests`, then a wider `requests.number` under its children.

They are written from the schema as it is today, so they stay true when 0001 changes.
"""

import shutil
from pathlib import Path

from models.database import sqlite_path
from models.migrations.files import FOLDER
from tests.migrations.outside import query

TRIGGER_SQLITE = """
-- a trigger's body holds semicolons; so does this comment; and the text below
CREATE TRIGGER "requests_watched" AFTER UPDATE OF "state" ON "requests" BEGIN
    INSERT INTO "journal" ("office_id", "at", "actor", "action", "detail", "request_id")
        VALUES (NEW."office_id", '2026-11-24 02:00:00+00:00', 'trigger', 'moved;', '{}', NEW."id");
    UPDATE "requests" SET "reason" = 'watched' WHERE "id" = NEW."id";
END;
"""
TRIGGER_POSTGRES = """
-- a function's body holds semicolons; so does this comment; and the text below
CREATE FUNCTION "requests_watch"() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO "journal" ("office_id", "at", "actor", "action", "detail", "request_id")
        VALUES (NEW."office_id", '2026-11-24 02:00:00+00:00', 'trigger', 'moved;', '{}', NEW."id");
    UPDATE "requests" SET "reason" = 'watched' WHERE "id" = NEW."id";
    RETURN NEW;
END
$body$;
CREATE TRIGGER "requests_watched" AFTER UPDATE OF "state" ON "requests"
    FOR EACH ROW EXECUTE FUNCTION "requests_watch"();
"""
WIDEN_POSTGRES = """
ALTER TABLE "requests" ALTER COLUMN "number" TYPE VARCHAR(12);
ALTER TABLE "requests" ADD COLUMN "counted" INT;
UPDATE "requests" SET "counted" = 1;
ALTER TABLE "requests" ALTER COLUMN "counted" SET NOT NULL;
CREATE INDEX "requests_counted" ON "requests" ("counted");
"""


async def add_trigger(folder: Path) -> None:
    """Fill ``folder`` with today's migrations and one that adds a trigger."""
    for path in FOLDER.glob("*.sql"):
        shutil.copy(path, folder)
    number = _next(folder)
    (folder / f"{number}_watch.sqlite.sql").write_text(TRIGGER_SQLITE)
    (folder / f"{number}_watch.postgres.sql").write_text(TRIGGER_POSTGRES)


async def add_widening(folder: Path, url: str) -> None:
    """Add the migration that widens `requests.number`, as the schema at ``url`` needs it."""
    number = _next(folder)
    (folder / f"{number}_widen.postgres.sql").write_text(WIDEN_POSTGRES)
    rebuild = await _rebuild(url) if sqlite_path(url) is not None else ""
    (folder / f"{number}_widen.sqlite.sql").write_text(rebuild)


async def _rebuild(url: str) -> str:
    """SQLite's way: a new table, the rows, the old one dropped, the name, the indexes, the triggers."""
    own = await query(
        url, "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'requests' AND sql IS NOT NULL"
    )
    table = next(sql for kind, sql in own if kind == "table")
    columns = ", ".join(f'"{row[1]}"' for row in await query(url, "PRAGMA table_info(requests)"))
    wider = table.replace('CREATE TABLE "requests"', 'CREATE TABLE "new_requests"').replace(
        '"number" VARCHAR(9)', '"number" VARCHAR(12)'
    )
    assert wider.count("VARCHAR(12)") == table.count("VARCHAR(12)") + 1
    steps = [
        wider,
        f'INSERT INTO "new_requests" ({columns}) SELECT {columns} FROM "requests"',  # noqa: S608
        'DROP TABLE "requests"',
        'ALTER TABLE "new_requests" RENAME TO "requests"',
        *(sql for kind, sql in own if kind != "table"),
    ]
    return ";\n".join(steps) + ";\n"


def _next(folder: Path) -> str:
    return f"{max(int(path.name[:4]) for path in folder.glob('*.sql')) + 1:04}"
