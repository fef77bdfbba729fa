"""A village head and what they hand in, at the office itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.reading.table_reader import Row, Table
from bot.reading.words import Cell
from models.batches import Batch
from models.contacts import Contact
from models.files import StoredFile
from models.staff import Role, Staff
from office import batch_choices, batch_drafts, batches
from office.batch_check import Checked, check
from office.batch_columns import filled_rows
from tests.office.world import METINA, NOW, World, act

HEADINGS: Final = ("layanan", "nama", "nik", "desa")
LOST: Final = "KTP hilang"


def nik_of(number: int) -> str:
    """Of somebody of Lobalain, each another."""
    return f"53140155069{number:05}"


def table(*rows: Sequence[str | Cell], headings: Sequence[str] = HEADINGS) -> Table:
    """As it is read of a file; each row may be shorter than the headings."""
    return Table(
        tuple(headings),
        tuple(
            Row(
                number,
                tuple(
                    cell if isinstance(cell, Cell) else Cell(cell)
                    for cell in (*row, *[""] * (len(headings) - len(row)))
                ),
            )
            for number, row in enumerate(rows, 2)
        ),
    )


def people(how_many: int, *, first: int = 1) -> Table:
    """Each with a lost card."""
    return table(*((LOST, "Maria Ndun", nik_of(number)) for number in range(first, first + how_many)))


@dataclass
class Head:
    staff: Staff
    chat: Contact
    world: World

    async def hands_in(self, rows: Table, now: datetime = NOW) -> Batch:
        """A list that was received and checked."""
        file, report = await self.world.scan(mime="text/csv"), await self.world.scan()
        batch = await act(lambda: batches.receive(file, self.staff, self.chat, ("telegram", "bot"), now))
        checked = await self.checked(rows, batch)
        await act(lambda: batches.keep_rows(batch, checked))
        new = StoredFile(
            office_id=batch.office_id,
            file_id=f"ls-{report.id}",
            storage_key=f"ls/{report.id}",
            created_at=now,
        )
        assert await act(lambda: batches.checked(batch, checked, new, now))
        return await Batch.get(id=batch.id)

    async def checked(self, rows: Table, batch: Batch) -> list[Checked]:
        return check(filled_rows(rows), METINA, await batches.under_way(batch))

    async def takes(self, batch: Batch, now: datetime = NOW) -> Batch:
        await act(lambda: batch_choices.accept(batch.number, self.chat, now))
        return await Batch.get(id=batch.id)


async def a_head(world: World, name: str = "Yusuf Adoe") -> Head:
    person = await world.operator(name, Role.VILLAGE_HEAD)
    return Head(person, await world.bound(person, name), world)


async def all_made(now: datetime = NOW) -> int:
    """As beat after beat does."""
    made = 0
    while some := await act(lambda: batch_drafts.make_some(now)):
        made += some
    return made
