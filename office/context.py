"""The office this process serves: its profile and its catalogue, opened once by the wiring.

Every row carries ``office_id`` and every query names it, so that one deployment may host several offices.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from office.catalogue import Catalogue, load_catalogue
from office.profile import ROTE_NDAO, OfficeProfile, load_office


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeContext:
    """``office_id``: the regency's code in Kemendagri's list.

    ``public_url``: where our own pages are, without a slash at the end.
    """

    office_id: int
    office: OfficeProfile
    catalogue: Catalogue
    public_url: str | None = None


class OfficeNotOpen(RuntimeError):
    """`open_office` comes first."""


_current: OfficeContext | None = None


def open_office(path: Path | None = None, public_url: str | None = None) -> OfficeContext:
    """Read the office's file (Rote Ndao's without one) and the catalogue.  Raises: `CatalogueBroken`."""
    global _current  # noqa: PLW0603 - one office per process, until a deployment hosts several
    profile = load_office(path or ROTE_NDAO)
    _current = OfficeContext(
        office_id=int(profile.id),
        office=profile,
        catalogue=load_catalogue(),
        public_url=public_url.rstrip("/") if public_url else None,
    )
    return _current


def office() -> OfficeContext:
    """The office that is open.  Raises: `OfficeNotOpen`."""
    if _current is None:
        raise OfficeNotOpen
    return _current
