"""Group commit: what gathers shares a transaction, and one bad row spoils no other."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.batch import Batch
from models.counters import Counter


class Ledger:
    """Writes names as rows, and notes the size of every batch."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def write(self, names: Sequence[str]) -> list[int]:
        self.sizes.append(len(names))
        return [(await Counter.create(office_id=1, name=name)).id for name in names]


async def test_what_is_ready_together_is_written_together_and_each_gets_its_own(database: str) -> None:
    ledger = Ledger()
    batch: Batch[str, int] = Batch(ledger.write)
    names = [f"n{n}" for n in range(50)]
    ids = await asyncio.gather(*(batch.put(name) for name in names))
    assert [(await Counter.get(id=ident)).name for ident in ids] == names
    assert ledger.sizes == [50]
    assert len(batch) == 0


async def test_a_bad_one_fails_alone(database: str) -> None:
    ledger = Ledger()
    batch: Batch[str, int] = Batch(ledger.write)
    names = ["a", "b", "a", "x" * 400, "c"]
    results = await asyncio.gather(*(batch.put(name) for name in names), return_exceptions=True)
    assert [isinstance(result, int) for result in results][:3] == [True, True, False]
    assert isinstance(results[4], int)
    assert sorted(one.name for one in await Counter.all() if len(one.name) < 400) == ["a", "b", "c"]


async def test_it_takes_no_more_at_once_than_it_may(database: str) -> None:
    ledger = Ledger()
    batch: Batch[str, int] = Batch(ledger.write, most=20)
    await asyncio.gather(*(batch.put(f"n{n}") for n in range(50)))
    assert ledger.sizes == [20, 20, 10]


async def test_a_caller_who_gives_up_takes_nothing_with_him(database: str) -> None:
    ledger = Ledger()
    batch: Batch[str, int] = Batch(ledger.write)
    leaving, staying = asyncio.create_task(batch.put("a")), asyncio.create_task(batch.put("b"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await Counter.all().count() == 2
