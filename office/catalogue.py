"""The services the office offers, read from ``catalog/services/``: one file each.

A file's shape is `Service`; `office.catalogue_check` names what is wrong with one, by line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from office.refusal import Refusal
from office.typed import fold

CATALOG: Final = Path(__file__).parent.parent / "catalog"
SERVICES: Final = CATALOG / "services"

LIST_ROW_TITLE: Final = 24  # characters: the narrowest list in which a service is named
LIST_ROW_DESCRIPTION: Final = 72  # same page
BUTTON_LABEL: Final = 20  # characters: the narrowest button on which a paper is named

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,19}$")]


class ServiceUnknown(Refusal):
    """The catalogue has no such service.  Facts: ``service``, what was asked for."""


class PaperUnknown(Refusal):
    """The service has no such paper.  Facts: ``service`` (its code), ``papers`` (the keys it has)."""


class CatalogueBroken(Exception):
    """A catalogue file cannot be used; ``run.py catalog check`` says where and why."""


class Entry(BaseModel):
    """A part of a catalogue file: fixed once read, and without a field nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Entry):
    """What a citizen reads, in both languages."""

    id: Line
    en: Line

    def in_language(self, language: str) -> str:
        """``language``: ``id`` or ``en``; Indonesian for any other."""
        return self.en if language == "en" else self.id


class ServiceName(Text):
    """A service's full name; it must fit the description under a list row."""

    id: Annotated[Line, Field(max_length=LIST_ROW_DESCRIPTION)]
    en: Annotated[Line, Field(max_length=LIST_ROW_DESCRIPTION)]


class RowTitle(Text):
    """A name that fits the title of a list row."""

    id: Annotated[Line, Field(max_length=LIST_ROW_TITLE)]
    en: Annotated[Line, Field(max_length=LIST_ROW_TITLE)]


class ButtonLabel(Text):
    """A name that fits a button."""

    id: Annotated[Line, Field(max_length=BUTTON_LABEL)]
    en: Annotated[Line, Field(max_length=BUTTON_LABEL)]


class Who(StrEnum):
    """Who may apply, seen from the person the document is about."""

    SELF = "self"
    PARENT = "parent"
    BOTH_PARENTS = "both_parents"
    GUARDIAN = "guardian"
    SPOUSE = "spouse"
    BOTH_SPOUSES = "both_spouses"
    HEAD_OF_FAMILY = "head_of_family"
    FAMILY_MEMBER = "family_member"
    HEIR = "heir"
    RELATIVE = "relative"
    REPORTER = "reporter"
    NEIGHBOURHOOD_HEAD = "neighbourhood_head"


class WhoMayApply(Entry):
    who: Annotated[tuple[Who, ...], Field(min_length=1)]
    sentence: Text


class Paper(Entry):
    """One named slot: one picture or PDF of one document.

    ``key``         what an operator types in ``/minta``.
    ``required``    always asked; any other paper is asked with its condition ``when``.
    ``instead_of``  keys of the papers this one makes unnecessary.
    ``original``    the picture must be of the original, not of a photocopy.
    ``local``       no national rule asks for it: an addition of this regency.
    """

    key: Key
    name: Text
    short: ButtonLabel
    aliases: tuple[Line, ...] = ()
    required: bool
    when: Text | None = None
    instead_of: tuple[Key, ...] = ()
    original: bool
    local: bool = False
    note: Text | None = None


class Delivery(StrEnum):
    """How an output reaches the citizen."""

    PICKUP = "pickup"
    DIGITAL = "digital"


class CollectBy(StrEnum):
    """Who may fetch an output at the counter; each allows those before it."""

    OWNER = "owner"
    SAME_FAMILY = "same_family"
    PROXY = "proxy"  # with a letter of authority
    VILLAGE = "village"


class Output(Entry):
    """One thing a request ends in.

    ``when``         present: it comes only under this condition, so an operator may end a request without it.
    ``bring``        what to bring to fetch it; with `Delivery.PICKUP` only.
    ``issued_note``  said when it is issued, in place of "SIAK has sent a PDF": there is no PDF.
    """

    key: Key
    name: Text
    delivery: Delivery
    when: Text | None = None
    bring: tuple[Text, ...] = ()
    collect_by: CollectBy | None = None
    issued_note: Text | None = None


class Dates(StrEnum):
    """Whether somebody has read the dates in the regulation itself."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


class Form(Entry):
    """An official form.  A missing date is open; ``dates`` says whether it is known to be."""

    code: Annotated[str, StringConstraints(pattern=r"^F-\d\.\d\d[A-F]?$")]
    valid_from: date | None
    valid_until: date | None
    dates: Dates
    replaces: str | None = None
    basis: Line

    def may_be_used_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


class Sla(Entry):
    """``law_hours`` from complete papers; ``published_days`` working days, set by the office."""

    law_hours: Annotated[int, Field(gt=0)] | None
    basis: Line | None
    published_days: Annotated[int, Field(gt=0)] | None


class InPerson(Entry):
    """``only``: nothing of the service happens before the person stands at the counter."""

    only: bool
    note: Text


class Fee(Entry):
    rupiah: int
    basis: Line


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Service(Entry):
    """One service.

    ``position``              place in its group's menu, from 1.
    ``needs_nik``             false where the person cannot have one yet: then it is neither asked nor missed.
    ``report_deadline_days``  days after the event in which the law wants it reported; late is still served.
    ``notes``                 for citizens; ``operator_notes`` for staff.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]+(_[A-Z]+)*$")]
    name: ServiceName
    short: RowTitle
    group: Key
    position: Annotated[int, Field(ge=1)]
    aliases: Annotated[tuple[Line, ...], Field(min_length=1)]
    needs_nik: bool
    who_may_apply: WhoMayApply
    conditions: tuple[Text, ...] = ()
    papers: Annotated[tuple[Paper, ...], Field(min_length=1)]
    outputs: Annotated[tuple[Output, ...], Field(min_length=1)]
    forms: tuple[Form, ...]
    sla: Sla
    in_person: InPerson | None
    report_deadline_days: Annotated[int, Field(gt=0)] | None
    fee: Fee
    notes: tuple[Text, ...] = ()
    operator_notes: tuple[Text, ...] = ()
    sources: Annotated[tuple[Line, ...], Field(min_length=1)]
    confidence: Confidence

    @property
    def required_papers(self) -> tuple[Paper, ...]:
        return tuple(paper for paper in self.papers if paper.required)

    def missing(self, held: Collection[str]) -> tuple[Paper, ...]:
        """The required papers of which neither the key nor that of a substitute is in ``held``."""
        excused = {key for paper in self.papers if paper.key in held for key in paper.instead_of}
        return tuple(p for p in self.required_papers if p.key not in held and p.key not in excused)

    def paper(self, key: str) -> Paper:
        """The paper with exactly this key.  Raises: `PaperUnknown`."""
        for paper in self.papers:
            if paper.key == key:
                return paper
        raise PaperUnknown(service=self.code, papers=tuple(paper.key for paper in self.papers))

    def find_paper(self, typed: str) -> Paper:
        """The paper whose key, name or alias was typed.  Raises: `PaperUnknown`."""
        wanted = fold(typed)
        for paper in self.papers:
            names = (paper.key, *paper.aliases, *_both(paper.name), *_both(paper.short))
            if wanted in map(fold, names):
                return paper
        raise PaperUnknown(service=self.code, papers=tuple(paper.key for paper in self.papers))

    def output(self, key: str) -> Output:
        """The output with exactly this key.  Raises `KeyError`."""
        for output in self.outputs:
            if output.key == key:
                return output
        raise KeyError(key)

    def forms_on(self, day: date) -> tuple[Form, ...]:
        """The forms that may be in use on that day; old and new while the change's date is unconfirmed."""
        return tuple(form for form in self.forms if form.may_be_used_on(day))


class Group(Entry):
    """One line of the menu of services."""

    key: Key
    name: RowTitle


SHORTEST_BEGINNING: Final = 3  # letters of a group's name


class Catalogue:
    """All services, in the order of the menu."""

    def __init__(self, groups: Collection[Group], services: Collection[Service]) -> None:
        """Raises `CatalogueBroken` if a word leads to two services or a service to no group."""
        rank = {group.key: place for place, group in enumerate(groups)}
        if homeless := sorted(service.code for service in services if service.group not in rank):
            raise CatalogueBroken(f"no such group: {', '.join(homeless)}")
        self.groups: tuple[Group, ...] = tuple(groups)
        self.services: tuple[Service, ...] = tuple(
            sorted(services, key=lambda s: (rank[s.group], s.position))
        )
        self._by_word = _words_of(self.services)

    def service(self, code: str) -> Service:
        """The service with exactly this code.  Raises: `ServiceUnknown`."""
        for service in self.services:
            if service.code == code:
                return service
        raise ServiceUnknown(service=code)

    def find(self, typed: str) -> Service | None:
        """The service whose code, label or alias was typed, without regard to case and spaces."""
        return self._by_word.get(fold(typed))

    def find_group(self, typed: str) -> Group | None:
        """The group that is called so: its name, how the name begins, or its letters in brackets."""
        word = fold(typed)
        for group in self.groups:
            names = (fold(group.name.id), fold(group.name.en))
            begins = len(word) >= SHORTEST_BEGINNING and any(name.startswith(word) for name in names)
            if begins or word in (*names, group.key) or any(f"({word})" in name for name in names):
                return group
        return None

    def in_group(self, key: str) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.group == key)


def words_of(service: Service) -> tuple[str, ...]:
    """Everything that leads to a service when typed, folded, each once."""
    names = (service.code, *_both(service.name), *_both(service.short), *service.aliases)
    return tuple(dict.fromkeys(map(fold, names)))


@cache
def load_catalogue(folder: Path = CATALOG, additions: Path | None = None) -> Catalogue:
    """Read ``groups.yaml`` and ``services/*.yaml``, once per process.

    ``additions``: a folder of the same shape; what it has of the same key or code replaces ours.
    Raises: `CatalogueBroken`.
    """
    groups, services = _in_folder(folder, _read(folder / "groups.yaml"))
    if additions is not None:
        own = additions / "groups.yaml"
        more_groups, more_services = _in_folder(additions, _read(own) if own.exists() else [])
        groups, services = groups | more_groups, services | more_services
    return Catalogue(groups.values(), services.values())


def _in_folder(folder: Path, listed: object) -> tuple[dict[str, Group], dict[str, Service]]:
    """Groups by key and services by code."""
    if not folder.is_dir():
        raise CatalogueBroken(f"{folder} is no folder")
    if not isinstance(listed, list):
        raise CatalogueBroken(f"{folder / 'groups.yaml'} is not a list")
    try:
        groups = [Group.model_validate(group) for group in listed]
        services = [Service.model_validate(_read(file)) for file in sorted(folder.glob("services/*.yaml"))]
    except ValidationError as error:
        raise CatalogueBroken(f"{folder}: run.py catalog check names the file and line") from error
    return {group.key: group for group in groups}, {service.code: service for service in services}


def _read(file: Path) -> object:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogueBroken(f"{file} cannot be read") from error


def _words_of(services: Collection[Service]) -> Mapping[str, Service]:
    words: dict[str, Service] = {}
    for service in services:
        for word in words_of(service):
            if words.setdefault(word, service) is not service:
                raise CatalogueBroken(f"{word!r} leads to {words[word].code} and to {service.code}")
    return words


def _both(text: Text) -> tuple[str, str]:
    return text.id, text.en
