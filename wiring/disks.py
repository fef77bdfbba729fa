"""The disks of an installation: who minds them, who is told, and what `doctor` says of them."""

import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from bot.channels.base import Finding
from bot.clock import Clock
from bot.disk import SCARCE, Ballast, DiskWatch, Room, disks
from models.calls import AlertKind
from models.database import transaction
from office import alarm
from office.context import at_office, offices
from wiring.settings import Settings


def make_room(settings: Settings) -> None:
    """Before the database is opened: on a full disk it could not be.  Raises: OSError."""
    if ballast := Ballast.of(settings.database_url):
        ballast.throw_off()


def watch(settings: Settings, clock: Clock, *, office: bool) -> DiskWatch:
    """``office``: staff are told; somebody else's bot has none.  Raises: OSError."""
    return DiskWatch(
        _disks(settings), Ballast.of(settings.database_url), _alarm(clock) if office else _nobody
    )


def findings(settings: Settings) -> Iterator[Finding]:
    """A line for each disk.  Raises: OSError."""
    for name, folder in _disks(settings).items():
        room = Room.of(folder)
        told = f"{room.share:.0%} left ({room.left / 1e9:.1f} GB)"
        yield Finding(f"disk: {name}", room.share > SCARCE, told)


def _disks(settings: Settings) -> dict[str, Path]:
    return disks(settings.data_dir, settings.database_url, settings.storage_url)


def _alarm(clock: Clock) -> Callable[[str], Awaitable[None]]:
    async def raise_it(place: str) -> None:
        """At most once a day for each disk of each machine: staff are told with the clock's next tick.

        They are those of the first office, whose machine it is.
        """
        now = clock()
        about = f"{place}:{socket.gethostname()[:60]}:{now.date()}"
        with at_office(offices()[0].office_id):
            await transaction(lambda: alarm.raise_alert(AlertKind.DISK, about, now))

    return raise_it


async def _nobody(_: str) -> None:
    return None
