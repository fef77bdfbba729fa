"""`kill -9` at every fail-point, at its first visit, its second … until a run passes untouched.

A round is a word on WhatsApp, a photo on Messenger, a tap on Telegram and a notice by a command of staff, all
at once.  Providers bring again what was not taken, statuses and echoes included; then everything must hold.
By default it is one visit (SQLite: the first, PostgreSQL: the second, where there is one); ``LOKET_SOAK=1``
takes them all.
"""

import asyncio
import itertools
from collections.abc import Iterable
from pathlib import Path

from tests.fakes import pictures
from tests.faults import failpoints
from tests.faults.desk import Desk
from tests.faults.rows import Rows
from tests.faults.servers import Server
from tests.faults.short_form import SOAKING
from tests.faults.town import SECRET_WORDS, Town, open_town
from tests.flows.steps import files_a_lost_card

MOST_VISITS = 200  # of one fail-point in one round; more would mean that a round never ends


def visits(engine: str) -> Iterable[int]:
    """Which to try: all until a run passes untouched, or those until one is killed."""
    return range(1, MOST_VISITS) if SOAKING else (1,) if engine == "sqlite" else (2, 1)


class Round:
    """The same people talk in every round."""

    def __init__(self, town: Town, desk: Desk) -> None:
        self.town, self.desk = town, desk
        self.word, self.photo, self.tap = town.on_whatsapp(1), town.on_messenger(2), town.on_telegram(3)
        self._photos = itertools.count(1)

    async def opens(self) -> None:
        """Everybody has come, and one request is at the desk."""
        await files_a_lost_card(self.word)
        await self.desk.takes(1)
        await asyncio.gather(self.photo.says("halo"), self.tap.says("halo"))
        await asyncio.gather(self.photo.hears(), self.tap.hears())
        await self.town.comes_to_rest()

    async def begins(self) -> None:
        await asyncio.gather(
            self.word.says(SECRET_WORDS),
            self.photo.sends_photo(pictures.jpeg(next(self._photos))),
            self.tap.taps("Cek permohonan", older=True),
            self.desk.tells("1"),
        )

    async def ends(self, server: Server) -> Rows | None:
        """What stands written when it came to rest; None where the server was killed before."""
        rows = await self.town.rests_unless(lambda: not server.lives)
        return rows if server.lives else None


async def test_killed_at_every_visit_of_every_fail_point(
    database_url: str, tmp_path: Path, engine: str
) -> None:
    async with open_town(database_url, tmp_path) as town:
        server = await town.serves()
        desk = await Desk.opens(town)
        talk = Round(town, desk)
        await talk.opens()
        reached: set[str] = set()
        for name in failpoints.names():
            for n in visits(engine):
                await server.stop()
                server = await town.serves(f"{name}:{n}")
                await talk.begins()
                rows = await talk.ends(server)
                killed = rows is None
                if killed:
                    server = await town.serves()
                    rows = await town.comes_to_rest()
                assert await town.holds(rows) == [], f"{name}:{n}"
                if killed:
                    reached.add(name)
                if killed != SOAKING:
                    break
        assert failpoints.names() == sorted(reached)
