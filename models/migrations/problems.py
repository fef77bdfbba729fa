"""Why a schema is not brought up, or not accepted."""

from collections.abc import Sequence


class SchemaProblem(RuntimeError):
    """The database and the code do not agree."""


class MigrationChanged(SchemaProblem):
    """A file that was applied reads differently today."""

    def __init__(self, name: str) -> None:
        super().__init__(f"migration {name} was changed after it was applied; put the original file back")
        self.name = name


class DatabaseNewer(SchemaProblem):
    """The database knows a version that this code does not."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the database is at version {version}, unknown to this code; run newer code")
        self.version = version


class SchemaOlder(SchemaProblem):
    """Migrations are waiting."""

    def __init__(self, waiting: Sequence[str]) -> None:
        super().__init__(f"the database lacks {', '.join(waiting)}; run `python run.py migrate`")
        self.waiting = tuple(waiting)


class OrphanRows(SchemaProblem):
    """A migration would leave rows whose parent is gone."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(f"rows without a parent in {', '.join(tables)}; nothing was changed")
        self.tables = tuple(tables)


class SchemaBusy(SchemaProblem):
    """Others held the tables for too long."""

    def __init__(self) -> None:
        super().__init__("the tables were in use all the time; nothing was changed, try again later")


class MisnamedMigration(SchemaProblem):
    """The folder does not count 1, 2, 3, … for this engine."""
