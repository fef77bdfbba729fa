"""Lists are read beside the beat: what is away is tried again, and what cannot be read holds up no other."""

from pathlib import Path

import pytest

from bot.reading.forks import ReaderAway
from bot.reading.table_reader import Table
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.batches import Batch, BatchRow, BatchState
from models.outbox import OutboxMessage
from office import batches
from office.batch_forgetting import forget_of
from scheduler.lists import Lists
from tests.office.lists import Head, a_head, people
from tests.office.world import NOW, World, act


class Reads:
    """Whatever is sent is the same list, once these troubles are over."""

    def __init__(self, *troubles: Exception) -> None:
        self._troubles = list(troubles)

    async def read(self, content: bytes) -> Table:
        if self._troubles:
            raise self._troubles.pop(0)
        return people(int(content))


@pytest.fixture
def storage(tmp_path: Path) -> SealedStorage:
    return SealedStorage(Storage.open(f"file://{tmp_path}/papers"))


async def received(head: Head, storage: SealedStorage, rows: int) -> Batch:
    file = await head.world.scan(mime="text/csv")
    file.storage_key = f"in/{file.id}"
    await storage.put(file.storage_key, str(rows).encode(), office_id=file.office_id)
    await type(file).filter(id=file.id).update(storage_key=file.storage_key)
    return await act(lambda: batches.receive(file, head.staff, head.chat, ("telegram", "bot"), NOW))


async def states() -> list[BatchState]:
    return [batch.state for batch in await Batch.all().order_by("id")]


async def test_a_reader_that_is_away_is_asked_again(world: World, storage: SealedStorage) -> None:
    await received(await a_head(world), storage, 2)
    lists = Lists(storage, Reads(ReaderAway()))
    await lists(NOW)
    assert await states() == [BatchState.RECEIVED]
    await lists(NOW)
    await lists(NOW)
    assert await states() == [BatchState.CHECKED] and await BatchRow.all().count() == 2
    assert await OutboxMessage.filter(name="village_checked").count() == 1


async def test_a_list_that_breaks_its_reader_stands_in_nobodys_way(
    world: World, storage: SealedStorage
) -> None:
    head = await a_head(world)
    await received(head, storage, 2)
    await received(head, storage, 3)
    await Lists(storage, Reads(RuntimeError()))(NOW)
    assert await states() == [BatchState.UNFIT, BatchState.CHECKED]
    assert await BatchRow.all().count() == 3
    assert await OutboxMessage.filter(name="village_unfit").count() == 1


async def test_a_list_that_is_not_here_any_more_is_said_to_be_so(
    world: World, storage: SealedStorage
) -> None:
    batch = await received(await a_head(world), storage, 2)
    file = await batch.file
    await storage.delete(str(file.storage_key))
    await Lists(storage, Reads())(NOW)
    assert await states() == [BatchState.UNFIT]


async def test_of_a_list_that_was_forgotten_while_it_was_read_nothing_is_kept(
    world: World, storage: SealedStorage
) -> None:
    head = await a_head(world)
    batch = await received(head, storage, 2)
    rows = await head.checked(people(2), batch)
    await act(lambda: forget_of(head.chat, NOW))
    await act(lambda: batches.keep_rows(batch, rows))
    report = await world.scan()
    assert not await act(lambda: batches.checked(batch, rows, report, NOW))
    assert await BatchRow.all().count() == 0 and await OutboxMessage.all().count() == 0
