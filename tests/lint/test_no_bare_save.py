"""House rules that ruff does not know, held against every module by reading its syntax tree.

- ``row.save()`` without ``update_fields`` writes every column: a stale row undoes what others changed.
- Naive clocks (``datetime.now()``, ``utcnow``, ``today``) are local time by accident.
- ``pickle`` runs what it reads.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "console", "handlers", "office", "scheduler", "models", "wiring")
PICKLES = ("pickle", "cPickle", "dill", "shelve", "marshal")


def faults(source: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of each breach in a module."""
    tree = ast.parse(source)
    awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="save"), args=args, keywords=given):
                named = any(keyword.arg == "update_fields" for keyword in given)
                if not named and (not args or id(node) in awaited):  # `picture.save(file)` is Pillow's
                    yield node.lineno, "save() without update_fields"
            case ast.Call(func=ast.Attribute(attr="now", value=clock), args=[], keywords=[]) if _is_datetime(
                clock
            ):
                yield node.lineno, "datetime.now() without a zone"
            case ast.Attribute(attr="utcnow" | "utcfromtimestamp", value=clock) if _is_datetime(clock):
                yield node.lineno, "a naive UTC time"
            case ast.Attribute(attr="today", value=clock) if _is_datetime(clock):
                yield node.lineno, "today() of the machine's own zone"
            case ast.Import(names=modules) if any(module.name.split(".")[0] in PICKLES for module in modules):
                yield node.lineno, "pickle"
            case ast.ImportFrom(module=str(name)) if name.split(".")[0] in PICKLES:
                yield node.lineno, "pickle"


def _is_datetime(node: ast.expr) -> bool:
    """``datetime``, ``date``, or one of them inside a module: ``datetime.datetime``, ``dt.date``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ("datetime", "date")
    return False


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_house_rules(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "breach",
    [
        "async def f(row):\n    await row.save()",
        "async def f(row):\n    await row.save(force_update=True)",
        "async def f(row):\n    await row.save(connection)",
        "tasks = [row.save() for row in rows]",
        "now = datetime.now()",
        "now = datetime.datetime.now()",
        "now = datetime.utcnow()",
        "made = field(default_factory=datetime.utcnow)",
        "day = date.today()",
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
    ],
)
def test_a_planted_breach_is_found(breach: str) -> None:
    assert len(list(faults(breach))) == 1


@pytest.mark.parametrize(
    "fine",
    [
        "async def f(row):\n    await row.save(update_fields=['state'])",
        "now = datetime.now(UTC)",
        "now = datetime.now(tz=UTC)",
        "now = clock.now()",
        "picture.save(buffer, 'JPEG')",
        "import json",
    ],
)
def test_what_is_fine_passes(fine: str) -> None:
    assert list(faults(fine)) == []
