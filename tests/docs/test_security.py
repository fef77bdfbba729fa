"""docs/security.md says of every table what it holds, what lies sealed, and with what it goes."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from tortoise.models import Model

from models.sealing.rows import SealedText
from office.purge_kinds import EVERYTHING

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
SEALED_BY_HAND = {"quarantine": {"body"}}  # bytes, not text


def inventory() -> dict[str, list[str]]:
    """Table → its row, cell by cell."""
    data = PAGE.split("\n## Data\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in data.splitlines() if line.startswith("| `")]
    return {table: row for row in rows for table in re.findall(r"`(\w+)`", row[0])}


def models() -> Iterator[type[Model]]:
    for path in sorted((ROOT / "models").glob("*.py")):
        module = importlib.import_module(f"models.{path.stem}")
        for found in vars(module).values():
            ours = isinstance(found, type) and issubclass(found, Model)
            if ours and found.__module__ == module.__name__ and getattr(found.Meta, "table", None):
                yield found


def test_every_table_stands_in_the_inventory() -> None:
    assert {model.Meta.table for model in models()} == set(inventory())  # type: ignore[attr-defined]
    assert all(row[2] in "ABCD" and len(row) == 5 for row in inventory().values())


def test_what_lies_sealed_is_said_to() -> None:
    for model in models():
        table: str = model.Meta.table  # type: ignore[attr-defined]
        sealed = {name for name, field in model._meta.fields_map.items() if isinstance(field, SealedText)}
        said = set(re.findall(r"`(\w+)`", inventory()[table][3]))
        assert said == sealed | SEALED_BY_HAND.get(table, set()), table
        assert not sealed or inventory()[table][2] in "AB", table


def test_whatever_is_purged_stands_in_the_inventory() -> None:
    said = {kind for row in inventory().values() for kind in re.findall(r"`(\w+)`", row[4])}
    assert said == {kind.name for kind in EVERYTHING}


def test_its_commands_are_those_of_the_terminal() -> None:
    listed = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for verb in re.findall(r"`(?:python )?run\.py (\w+)", PAGE):
        assert f"`{verb}" in listed, verb
