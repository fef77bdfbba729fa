"""The offices of this deployment: the one of the environment, and those in the folder ``LOKET_OFFICES``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.by_host import host_of
from models.sealing import held
from office.context import AuditMeans, OfficeContext, at_office, open_beside, open_office
from wiring.settings import OfficeSettings, Settings, SettingWrong, read_offices


@dataclass(frozen=True, slots=True)
class Branch:
    """An office with its settings.  ``host``: where people call it; empty: wherever no other is meant."""

    here: OfficeContext
    settings: OfficeSettings
    host: str = ""


def open_offices(settings: Settings) -> list[Branch]:
    """All of them, that of the environment first.  Raises: SettingWrong, `CatalogueBroken`."""
    means = _means(settings)
    here = open_office(settings.office, settings.public_url, means, settings.limits, _paper_pages(settings))
    branches = [Branch(here, settings)]
    hosts = {host_of(settings.public_url)}
    for one in read_offices(settings.offices):
        host = host_of(one.public_url)
        if host in hosts:
            raise SettingWrong(f"LOKET_PUBLIC_URL: two offices are to be called at {host}.")
        hosts.add(host)
        beside = open_beside(one.office, one.public_url, means, one.limits, _paper_pages(one))
        branches.append(Branch(beside, one, host))
    return branches


def _paper_pages(settings: OfficeSettings) -> list[str]:
    """The channels whose papers are asked for on a page of ours."""
    return [name for name, chosen in settings if getattr(chosen, "papers", "chat") == "form"]


def _means(settings: Settings) -> AuditMeans:
    """Each office has a chain of its own; one key seals them all."""
    return AuditMeans(_audit_key, settings.data_dir / "audit" / "anchors.log")


def _audit_key() -> bytes:
    return held.keys().derived("audit")


@contextmanager
def meant(branches: Sequence[Branch], office_id: int | None) -> Iterator[Branch]:
    """What happens inside is that office's matter; None: the first one's.  Raises: SettingWrong."""
    wanted = branches[0].here.office_id if office_id is None else office_id
    for branch in branches:
        if branch.here.office_id == wanted:
            with at_office(wanted):
                yield branch
            return
    known = ", ".join(str(branch.here.office_id) for branch in branches)
    raise SettingWrong(f"--office {wanted}: this deployment serves {known}.")
