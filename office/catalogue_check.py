"""What is wrong with the catalogue, by file and line: ``run.py catalog check [FILE]``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from office.catalogue import CATALOG, Group, Service
from office.catalogue_rules import RULES, Data, words
from office.profile import OfficeProfile
from office.typed import fold
from office.villages import wrong_with
from office.yaml_lines import Lines, Place, YamlUnreadable, read

MOST_ROWS: Final = 10  # that can be tapped at once where the fewest can

_SENTENCES: Final = {
    # pydantic's word for what is wrong -> ours
    "missing": "the field `{place}` is missing",
    "missing_language": "`{place}` is missing: a text is given in both languages",
    "extra_forbidden": "there is no field `{place}`",
    "enum": "`{place}` is '{given}', not {expected}",
    "string_too_long": "`{place}` has {length} characters, of which {max_length} fit",
    "string_too_short": "`{place}` is empty",
    "too_short": "`{place}` needs at least one entry",
    "string_pattern_mismatch": "`{place}` is '{given}', which is not of the form {pattern}",
    "model_type": "`{place}` must be made of fields",
    "value_error": "`{place}` {error}",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake.  ``line`` counts from 1; ``cause`` is one sentence."""

    file: Path
    line: int
    cause: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.cause}"


def check(path: Path | None = None) -> list[Problem]:
    """Everything wrong with the shipped catalogue, another folder like it, or one file, by file and line.

    One service's file is looked at together with the shipped services it would stand beside: all but the one
    it would replace.
    """
    path = path or CATALOG
    if path.is_dir():
        return sorted(set(_check_folder(path.parent if path.name == "services" else path)))
    return sorted(set(_check_file(path)))


def _check_folder(folder: Path) -> Iterator[Problem]:
    groups, services = folder / "groups.yaml", list[Lines]()
    yield from _check_services(folder, services)
    if not services:
        yield Problem(folder, 1, "there is no service in it")
    yield from _check_groups(groups)
    yield from _check_together(services, _groups_in(groups))
    for office in sorted((folder / "offices").glob("*.yaml")):
        yield from _check_file(office)


def _check_services(folder: Path, services: list[Lines]) -> Iterator[Problem]:
    """Each by itself; those that can be read are put into ``services``."""
    for file in sorted((folder / "services").iterdir() if (folder / "services").is_dir() else ()):
        if file.suffix != ".yaml":
            yield Problem(file, 1, "only files that end in .yaml are read")
        elif isinstance(service := _read(file), Problem):
            yield service
        else:
            services.append(service)
            yield from _check_service(service)
            yield from _is_called_by_its_code(service)


def _check_file(file: Path) -> Iterator[Problem]:
    if file.name == "groups.yaml":
        yield from _check_groups(file)
        return
    lines = _read(file)
    if isinstance(lines, Problem):
        yield lines
    elif file.parent.name == "offices" or "timezone" in _data(lines):
        yield from _shape(lines, OfficeProfile)
        yield from _beside_office(lines)
    else:
        yield from _check_service(lines)
        beside = [*_shipped_beside(lines), lines]
        together = _check_together(beside, _groups_in(CATALOG / "groups.yaml"))
        yield from (problem for problem in together if problem.file == file)


def _beside_office(lines: Lines) -> Iterator[Problem]:
    """The files an office's file names."""
    named, here = _data(lines), lines.file.parent
    if isinstance(villages := named.get("villages"), str) and (cause := wrong_with(here / villages)):
        yield _found(lines, ("villages",), f"{villages} {cause}")
    if isinstance(additions := named.get("additions"), str):
        if not (here / additions).is_dir():
            yield _found(lines, ("additions",), f"there is no folder {additions}")
        yield from _check_additions(here / additions)


def _check_additions(folder: Path) -> Iterator[Problem]:
    """Services of one office, together with ours that none of them replaces."""
    services: list[Lines] = []
    yield from _check_services(folder, services)
    groups = _groups_in(CATALOG / "groups.yaml")
    if (own := folder / "groups.yaml").exists():
        yield from _check_groups(own)
        groups = {**groups, **_groups_in(own)}
    replaced = {service.file.name for service in services}
    shipped = [file for file in sorted((CATALOG / "services").glob("*.yaml")) if file.name not in replaced]
    beside = [service for file in shipped if isinstance(service := _read(file), Lines)]
    yield from (
        problem
        for problem in _check_together([*beside, *services], groups)
        if problem.file.name in replaced and problem.file.parent.parent == folder
    )


def _shipped_beside(lines: Lines) -> Iterator[Lines]:
    """The shipped services but the one this file would replace: of its name, or else of its code."""
    shipped = {file.stem: file for file in sorted((CATALOG / "services").glob("*.yaml"))}
    code = str(_data(lines).get("code", "")).lower()
    replaced = lines.file.stem if lines.file.stem in shipped else code
    for stem, file in shipped.items():
        if stem != replaced and isinstance(service := _read(file), Lines):
            yield service


def _check_service(service: Lines) -> Iterator[Problem]:
    yield from _shape(service, Service)
    for rule in RULES:
        for place, cause in rule(_data(service)):
            yield Problem(service.file, service.line(place), cause)


def _is_called_by_its_code(service: Lines) -> Iterator[Problem]:
    code = _data(service).get("code")
    if isinstance(code, str) and service.file.name != f"{code.lower()}.yaml":
        wanted = f"{code.lower()}.yaml"
        yield Problem(service.file, service.line(("code",)), f"the file of {code} is called {wanted}")


def _check_groups(file: Path) -> Iterator[Problem]:
    lines = _read(file)
    if isinstance(lines, Problem):
        yield lines
        return
    yield from _shape(lines, list[Group])
    keys: set[str] = set()
    for index, group in enumerate(lines.data if isinstance(lines.data, list) else ()):
        key = group.get("key") if isinstance(group, Mapping) else None
        if not isinstance(key, str):
            continue
        if key in keys:
            yield Problem(file, lines.line((index, "key")), f"the group '{key}' stands twice")
        keys.add(key)


def _check_together(services: Sequence[Lines], groups: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Codes, words and places in the menu, each of one service only; the later file is blamed."""
    yield from _codes_are_told_apart(services)
    yield from _words_are_told_apart(services, {fold(name) for names in groups.values() for name in names})
    yield from _menu_has_room(services, groups)


def _codes_are_told_apart(services: Sequence[Lines]) -> Iterator[Problem]:
    first_of: dict[str, Lines] = {}
    for service in services:
        code = _data(service).get("code")
        if isinstance(code, str) and (first := first_of.setdefault(code, service)) is not service:
            yield _found(service, ("code",), f"{first.file.name} has the code {code} too")


def _words_are_told_apart(services: Sequence[Lines], group_names: Collection[str]) -> Iterator[Problem]:
    first_of: dict[str, Lines] = {}
    for service in services:
        for place, word in words(_data(service)):
            first = first_of.setdefault(fold(word), service)
            if first is not service and place != ("code",):
                yield _found(service, place, f"'{word}' also leads to {_data(first).get('code')}")
            if fold(word) in group_names:
                yield _found(service, place, f"'{word}' is also the name of a group of the menu")


def _menu_has_room(services: Sequence[Lines], groups: Collection[str]) -> Iterator[Problem]:
    first_at: dict[tuple[str, int], Lines] = {}
    sizes = Counter(group for service in services if isinstance(group := _data(service).get("group"), str))
    for service in services:
        group, position = _data(service).get("group"), _data(service).get("position")
        if not isinstance(group, str):
            continue
        if groups and group not in groups:
            yield _found(service, ("group",), f"there is no group '{group}': {', '.join(groups)}")
        if sizes[group] > MOST_ROWS:
            yield _found(service, ("group",), f"the group '{group}' has more than {MOST_ROWS} services")
        if (
            isinstance(position, int)
            and (first := first_at.setdefault((group, position), service)) is not service
        ):
            yield _found(service, ("position",), f"{first.file.name} has place {position} of '{group}' too")


def _groups_in(file: Path) -> Mapping[str, Sequence[str]]:
    """Each group's key and its names, as far as they can be read; `_check_groups` names what is wrong."""
    lines = _read(file)
    groups = lines.data if isinstance(lines, Lines) and isinstance(lines.data, list) else []
    return {
        str(group["key"]): tuple(map(str, name.values()))
        if isinstance(name := group.get("name"), Mapping)
        else ()
        for group in groups
        if isinstance(group, Mapping) and "key" in group
    }


def _read(file: Path) -> Lines | Problem:
    try:
        return read(file)
    except YamlUnreadable as error:
        return Problem(file, error.line, f"this is not YAML: {error.cause}")
    except OSError as error:
        return Problem(file, 1, f"the file cannot be read: {error.strerror}")


def _data(lines: Lines) -> Data:
    return lines.data if isinstance(lines.data, Mapping) else {}


def _found(lines: Lines, place: Place, cause: str) -> Problem:
    return Problem(lines.file, lines.line(place), cause)


def _shape(lines: Lines, wanted: type[BaseModel] | type[list[Group]]) -> Iterable[Problem]:
    for line, key in lines.repeated_keys():
        yield Problem(lines.file, line, f"the field '{key}' stands twice")
    try:
        TypeAdapter(wanted).validate_python(lines.data)
    except ValidationError as error:
        for detail in error.errors():
            if not (detail["type"] == "too_short" and detail["input"]):  # its entries are wrong, not missing
                yield _found(lines, detail["loc"], _cause(detail))


def _cause(detail: ErrorDetails) -> str:
    """The sentence for one of pydantic's findings."""
    given = detail["input"]
    kind = (
        "missing_language"
        if detail["type"] == "missing" and detail["loc"][-1] in ("id", "en")
        else detail["type"]
    )
    return _SENTENCES.get(kind, "`{place}` is not right: {message}").format(
        **detail.get("ctx", {}),
        place=_spelled(detail["loc"]),
        given=given,
        length=len(given) if isinstance(given, str) else 0,
        message=detail["msg"][0].lower() + detail["msg"][1:],
    )


def _spelled(place: Place) -> str:
    """``papers[0].short.id``; positions count from 0, as in the file."""
    spelled = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return spelled.removeprefix(".") or "the file"
