"""docs/reliability.md names thirty faults, and every test that it names is there."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)


def test_each_of_the_thirty_has_its_row() -> None:
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(n) for n in range(1, 31)]


def test_every_test_that_is_named_is_there() -> None:
    assert len(NAMED) > 30
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_an_open_fault_is_one_whose_test_is_expected_to_fail() -> None:
    rows = re.findall(r"^\| \d+ \|.*\*\*open\*\*.*$", PAGE, re.MULTILINE)
    for row in rows:
        files = {file for file, _ in re.findall(r"`([\w/]+\.py)::(\w+)`", row)}
        assert any("xfail" in (TESTS / file).read_text(encoding="utf-8") for file in files), row
