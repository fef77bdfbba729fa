"""What `office.catalogue_check` says of planted mistakes: the file, the line and the cause of each."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from office.catalogue import CATALOG
from office.catalogue_check import Problem, check

KTP = "services/ktp_hilang.yaml"
OFFICE = "offices/rote_ndao.yaml"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue to spoil."""
    return shutil.copytree(CATALOG, tmp_path / "catalog")


class Mistake(BaseModel, frozen=True, extra="forbid"):
    """One line of ``data/planted_mistakes.yaml``, whose head says what the fields mean."""

    cause: str
    file: str
    old: str
    new: str
    at: str
    nth: int = 1
    also: int = 0


MISTAKES = [
    Mistake.model_validate(entry)
    for entry in yaml.safe_load(
        (Path(__file__).parent.parent / "data" / "planted_mistakes.yaml").read_text(encoding="utf-8")
    )
]
IN_SERVICES = [mistake for mistake in MISTAKES if mistake.file.startswith("services/")]


def plant(catalog: Path, mistake: Mistake) -> Problem:
    """Spoil the file; what should be said of it, its line counted without any YAML."""
    file = catalog / mistake.file
    text = file.read_text(encoding="utf-8")
    assert mistake.old in text
    spoilt = text.replace(mistake.old, mistake.new, 1)
    file.write_text(spoilt, encoding="utf-8")
    lines = [number for number, line in enumerate(spoilt.splitlines(), 1) if line.startswith(mistake.at)]
    return Problem(file, lines[mistake.nth - 1], mistake.cause)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.cause[:60])
def test_a_planted_mistake_is_named_with_its_file_line_and_cause(catalog: Path, mistake: Mistake) -> None:
    expected = plant(catalog, mistake)
    found = check(catalog)
    assert expected in found
    assert len(found) == 1 + mistake.also, found


@pytest.mark.parametrize("mistake", IN_SERVICES, ids=lambda mistake: mistake.cause[:60])
def test_it_is_named_too_when_the_file_is_checked_alone(catalog: Path, mistake: Mistake) -> None:
    expected = plant(catalog, mistake)
    found = check(catalog / mistake.file)
    assert expected in found
    assert {problem.file for problem in found} == {expected.file}


SEVERAL = [
    "there is no field `price`",
    "the fee is 10000: every service is free (UU 24/2013 Ps 79A)",
    "'antrian' is written 'antrean'",
    "`outputs[0].delivery` is 'post', not 'pickup' or 'digital'",
    "'Pecah  KK' also leads to KK_PISAH",
]


def test_one_mistake_does_not_hide_the_others(catalog: Path) -> None:
    causes = {mistake.cause: mistake for mistake in MISTAKES}
    for cause in SEVERAL:
        plant(catalog, causes[cause])
    found = check(catalog)
    assert {problem.cause for problem in found} >= set(SEVERAL)
    assert found == sorted(found)
    assert found == check(catalog)


def places(part: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if place:
        yield place
    if isinstance(part, dict | list):
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from places(inner, (*place, key))


@pytest.mark.parametrize("wrong", [{"a": []}, [[{}]], 7.5])
def test_a_part_of_the_wrong_shape_anywhere_is_named_and_stops_nothing(tmp_path: Path, wrong: object) -> None:
    whole = yaml.load((CATALOG / KTP).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for *way, last in places(whole):
        spoilt = copy.deepcopy(whole)
        part = spoilt
        for step in way:
            part = part[step]
        part[last] = wrong
        file = tmp_path / "ktp_hilang.yaml"
        file.write_text(yaml.dump(spoilt, Dumper=yaml.CSafeDumper), encoding="utf-8")
        assert check(file), (*way, last)


def test_a_file_is_called_by_its_code(catalog: Path) -> None:
    shutil.move(catalog / KTP, catalog / "services" / "hilang.yaml")
    assert check(catalog) == [
        Problem(catalog / "services" / "hilang.yaml", 1, "the file of KTP_HILANG is called ktp_hilang.yaml")
    ]


def test_a_file_that_would_not_be_read_is_named(catalog: Path) -> None:
    extra = catalog / "services" / "paspor.yml"
    extra.write_text("code: PASPOR\n", encoding="utf-8")
    assert check(catalog) == [Problem(extra, 1, "only files that end in .yaml are read")]


def test_a_group_has_no_more_services_than_a_list_has_rows(catalog: Path) -> None:
    for file in (catalog / "services").glob("akta_*.yaml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("group: akta_lain", "group: kia").replace("group: akta_utama", "group: kia"), "utf-8"
        )
    for file in (catalog / "services").glob("k[kt]*.yaml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("group: kartu_keluarga", "group: kia"), "utf-8")
    assert "the group 'kia' has more than 10 services" in {problem.cause for problem in check(catalog)}


def test_a_successor_begins_after_the_form_it_replaces_once_both_are_confirmed(catalog: Path) -> None:
    file = catalog / "services" / "akta_mati.yaml"
    text = file.read_text(encoding="utf-8").replace("dates: unconfirmed", "dates: confirmed")
    old, new = "valid_from: null\n    valid_until: null", "valid_from: 2020-01-01\n    valid_until: {}"
    overlapping = text.replace(old, new.format("2026-06-30"))
    file.write_text(overlapping, encoding="utf-8")
    line = overlapping.splitlines().index("  - code: F-2.01A") + 1
    cause = "form F-2.01A is valid on the same days as F-2.01, which it replaces"
    assert check(catalog) == [Problem(file, line, cause)]
    following = text.replace(old, new.format("2026-06-30"), 1).replace(
        old, "valid_from: 2026-07-01\n    valid_until: null"
    )
    file.write_text(following, encoding="utf-8")
    assert check(catalog) == []


@pytest.mark.parametrize(
    ("content", "line", "cause"),
    [
        (b"\xff\xfe", 1, "this is not YAML"),
        (b"", 1, "`the file` must be made of fields"),
        (b"- a\n- b\n", 1, "`the file` must be made of fields"),
        (b"a: 1\nb: [1\n", 3, "this is not YAML"),
        (b"a: 1\n\x00b: 2\n", 1, "this is not YAML"),
    ],
)
def test_a_file_that_is_no_service_at_all_is_named(
    tmp_path: Path, content: bytes, line: int, cause: str
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes(content)
    found = check(file)
    assert [(problem.file, problem.line) for problem in found] == [(file, line)]
    assert found[0].cause.startswith(cause)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert check(tmp_path / "none.yaml") == [
        Problem(tmp_path / "none.yaml", 1, "the file cannot be read: No such file or directory")
    ]


def test_a_copy_of_a_shipped_service_under_another_name_is_in_order(tmp_path: Path) -> None:
    draft = Path(shutil.copy(CATALOG / KTP, tmp_path / "draft.yaml"))
    assert check(draft) == []


def test_an_office_file_anywhere_is_known_as_one(tmp_path: Path) -> None:
    sabu = Path(shutil.copy(CATALOG / OFFICE, tmp_path / "sabu.yaml"))
    assert check(sabu) == []
    sabu.write_text(sabu.read_text(encoding="utf-8").replace("zone_label: WITA\n", ""), encoding="utf-8")
    assert [problem.cause for problem in check(sabu)] == ["the field `zone_label` is missing"]


def test_a_problem_prints_as_a_place_an_editor_can_open() -> None:
    assert str(Problem(Path("catalog/x.yaml"), 7, "the cause")) == "catalog/x.yaml:7: the cause"
