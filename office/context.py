"""The offices this process serves: each with its profile and its catalogue, opened once by the wiring.

Every row carries ``office_id``, and whatever works on one office's rows works `at_office`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bot.guarding.guard import Guard
from bot.guarding.links import Allowed
from models.offices import current_office, of_office
from office.catalogue import Catalogue, CatalogueBroken, load_catalogue
from office.limit_settings import Limits
from office.phone import chat_links
from office.profile import ROTE_NDAO, OfficeProfile, load_office


@dataclass(frozen=True, slots=True)
class AuditMeans:
    """What the audit is sealed with, and the file that remembers where it ended.

    ``take_key`` is asked once the database is open: 32 bytes, the same for all offices of a deployment.
    """

    take_key: Callable[[], bytes]
    anchors: Path | None = None

    @property
    def key(self) -> bytes:
        return self.take_key()

    @classmethod
    def for_this_process(cls) -> AuditMeans:
        """A key that nobody keeps: for tests and for verbs that write no row."""
        key = secrets.token_bytes(32)
        return cls(lambda: key)


@dataclass(frozen=True, kw_only=True)
class OfficeContext:
    """``office_id``: the regency's code in Kemendagri's list.

    ``villages``: the file of its villages.  ``public_url``: where our own pages are, without a slash at the
    end.  ``paper_pages``: the channels whose papers are asked for on a page of ours.
    """

    office_id: int
    office: OfficeProfile
    catalogue: Catalogue
    villages: Path
    public_url: str | None = None
    paper_pages: frozenset[str] = frozenset()
    audit: AuditMeans = field(default_factory=AuditMeans.for_this_process)
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def guard(self) -> Guard:
        """What its messages may say: links to our own pages, to the hosts of its file, and to chats with its
        official numbers; see `bot.guarding`."""
        hosts = set(self.office.allowed_link_hosts)
        if self.public_url is not None:
            hosts.add(self.public_url.partition("://")[2].partition("/")[0].lower())
        numbers = [number.lstrip("+") for number in self.office.official_numbers]
        pages = {f"{link}{number}" for link in chat_links() for number in numbers}
        return Guard(Allowed(frozenset(hosts), frozenset(pages)))


class OfficeNotOpen(RuntimeError):
    """`open_office` comes first; where several are open, `at_office` says which is meant."""


_open: dict[int, OfficeContext] = {}


def open_office(
    path: Path | None = None,
    public_url: str | None = None,
    audit: AuditMeans | None = None,
    limits: Limits | None = None,
    paper_pages: Iterable[str] = (),
) -> OfficeContext:
    """Read the office's file (Rote Ndao's without one) and its catalogue; any other is closed.

    Raises: `CatalogueBroken`.
    """
    here = _read(path or ROTE_NDAO, public_url, audit, limits, paper_pages)
    _open.clear()
    _open[here.office_id] = here
    return here


def open_beside(
    path: Path | None,
    public_url: str,
    audit: AuditMeans | None = None,
    limits: Limits | None = None,
    paper_pages: Iterable[str] = (),
) -> OfficeContext:
    """One more office in this process.  Raises: `CatalogueBroken`, also where it is open already."""
    here = _read(path or ROTE_NDAO, public_url, audit, limits, paper_pages)
    if here.office_id in _open:
        raise CatalogueBroken(f"{path}: office {here.office_id} is served already")
    _open[here.office_id] = here
    return here


def _read(
    path: Path,
    public_url: str | None,
    audit: AuditMeans | None,
    limits: Limits | None,
    paper_pages: Iterable[str],
) -> OfficeContext:
    profile = load_office(path)
    return OfficeContext(
        office_id=int(profile.id),
        office=profile,
        catalogue=load_catalogue(additions=profile.additions_beside(path)),
        villages=profile.villages_beside(path),
        public_url=public_url.rstrip("/") if public_url else None,
        paper_pages=frozenset(paper_pages),
        audit=audit or AuditMeans.for_this_process(),
        limits=limits or Limits(),
    )


def offices() -> tuple[OfficeContext, ...]:
    """Every office that is open, the first opened first."""
    return tuple(_open.values())


def office() -> OfficeContext:
    """Whose matter this is (see `models.offices.of_office`), else the only one.  Raises: `OfficeNotOpen`."""
    office_id = current_office()
    if office_id is None and len(_open) == 1:
        return next(iter(_open.values()))
    if office_id not in _open:
        raise OfficeNotOpen(f"office {office_id} of {len(_open)}")
    return _open[office_id]


@contextmanager
def at_office(office_id: int) -> Iterator[OfficeContext]:
    """What happens inside, tasks that begin there included, is this office's matter.

    Raises: `OfficeNotOpen`.
    """
    if office_id not in _open:
        raise OfficeNotOpen(f"office {office_id}")
    with of_office(office_id):
        yield _open[office_id]
