"""The office itself: its name, hours and habits, read from the file that ``LOKET_OFFICE`` names."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from office.catalogue import CATALOG, CatalogueBroken, Entry, Line, Text
from office.regions import REGIONS

ROTE_NDAO: Final = CATALOG / "offices" / "rote_ndao.yaml"
LONGEST_RETENTION: Final = 90  # days; domain report, section 4
FEWEST_MESSAGE_DAYS: Final = 7  # in which a platform may bring a message again


class Span(Entry):
    """Open ``from`` this local time ``until`` that."""

    opens: Annotated[time, Field(alias="from")]
    closes: Annotated[time, Field(alias="until")]

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("closes before it opens")
        return self


class Hours(Entry):
    """The hours of an ordinary week, local time; a day without any is closed.  It knows no holidays."""

    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()

    @property
    def week(self) -> tuple[tuple[Span, ...], ...]:
        """Seven days from Monday, as `datetime.date.weekday` counts."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )


Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{7,14}$")]
Days = Annotated[int, Field(ge=1)]


class OfficeProfile(Entry):
    """What differs between two offices and is no secret.

    ``villages``: the file of its desa and kelurahan, in the shape of ``catalog/regions/rote_ndao_5314.csv``;
    a regency whose file is shipped need not name it.  ``additions``: a folder as ``catalog/``, with services
    that are added, or replace ours of their code.  Both are seen from the office's file.

    ``retention_days``: papers, name, NIK and address, counted from the end of a request; ``message_days``:
    the words of both sides, from when they were said, and never longer than the former; ``draft_days``: a
    form that nobody goes on with.

    ``assumed`` names the fields nobody of the office has confirmed yet.
    """

    id: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    name: Text
    short_name: Text
    regency: Text
    timezone: Line
    zone_label: Line
    address: Text
    service_hours: Hours
    pickup_place: Text
    pickup_hours: Hours
    official_numbers: tuple[E164, ...]
    allowed_link_hosts: tuple[Host, ...]
    retention_days: Annotated[int, Field(ge=FEWEST_MESSAGE_DAYS, le=LONGEST_RETENTION)]
    message_days: Annotated[int, Field(ge=FEWEST_MESSAGE_DAYS, le=LONGEST_RETENTION)] = 30
    draft_days: Annotated[int, Field(ge=1, le=365)] = 90
    reminder_after_days: Days = 3
    correction_deadline_days: Days = 14
    villages: Path | None = None
    additions: Path | None = None
    assumed: tuple[str, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {name!r}") from error
        return name

    @field_validator("assumed")
    @classmethod
    def _are_fields(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in cls.model_fields:
                raise ValueError(f"assumes {name!r}, which is no field of an office")
        return names

    @property
    def days_of_messages(self) -> int:
        return min(self.message_days, self.retention_days)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def villages_beside(self, file: Path) -> Path:
        """The villages of the office that stands in ``file``.  Raises: `CatalogueBroken`: it has none."""
        if self.villages is not None:
            return file.parent / self.villages
        shipped = sorted(REGIONS.glob(f"*_{self.id}.csv"))
        if not shipped:
            raise CatalogueBroken(f"{file}: `villages` does not say where the villages of {self.id} are")
        return shipped[0]

    def additions_beside(self, file: Path) -> Path | None:
        """The additions of the office that stands in ``file``; None: the shipped catalogue is all."""
        return None if self.additions is None else file.parent / self.additions


def load_office(file: Path = ROTE_NDAO) -> OfficeProfile:
    """Raises `CatalogueBroken` if the file is missing or not an office."""
    try:
        return OfficeProfile.model_validate(
            yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueBroken(f"{file} cannot be read") from error
    except ValidationError as error:
        raise CatalogueBroken(f"{file}: run.py catalog check {file} names the line") from error
