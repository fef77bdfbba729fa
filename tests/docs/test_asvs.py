"""docs/asvs.yaml has every requirement, and each says what shows it, or why it does not hold."""

import ast
from collections import Counter
from pathlib import Path

from tests.docs.asvs_page import PAGE, ROOT, WORDS, data, page


def official() -> dict[str, int]:
    """Each requirement of the standard → its level."""
    return {
        f"{section}.{place}": int(level)
        for section, levels in data()["standard"].items()
        for place, level in enumerate(levels, start=1)
    }


def _tests_in(path: Path) -> set[str]:
    """The tests of a file, by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}


def test_the_standard_is_whole() -> None:
    assert Counter(official().values()) == {1: 70, 2: 183, 3: 92}


def test_every_requirement_of_levels_one_and_two_stands_once() -> None:
    there = Counter(row["id"] for row in data()["requirements"])
    wanted = {name for name, level in official().items() if level < 3}
    assert len(wanted) == 253
    assert [name for name in wanted if there[name] != 1] == []
    assert [name for name, times in there.items() if times != 1] == []
    assert [row["id"] for row in data()["requirements"] if official().get(row["id"]) != row["level"]] == []


def test_what_holds_names_tests_that_are_there() -> None:
    known: dict[str, set[str]] = {}
    lost = []
    for row in data()["requirements"]:
        if row["status"] in ("met", "partly") and not row.get("tests"):
            lost.append((row["id"], "no test"))
        for test in row.get("tests", ()):
            path, _, name = test.partition("::")
            if path not in known:
                file = ROOT / path
                known[path] = _tests_in(file) if file.is_file() else set()
            if name.partition("[")[0] not in known[path]:
                lost.append((row["id"], test))
    assert lost == []


def test_what_does_not_hold_says_why() -> None:
    for row in data()["requirements"]:
        assert row["status"] in WORDS, row["id"]
        if row["status"] != "met":
            assert len(row.get("why", "")) >= 25, row["id"]
        if row["status"] in ("not_met", "not_applicable"):
            assert "tests" not in row, row["id"]


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs` and commit docs/asvs.md"
