"""Numbers that are not theirs; what else people try that they may not is in `tests.bad_inputs`."""

from pathlib import Path

import pytest

from models.staff import Role
from office import queue, staff
from office.context import at_office, open_beside
from office.misses import MOST
from office.number import RequestNumber
from office.ownership import NoSuchQueueNumber
from tests.handlers.citizens import a_citizen
from tests.handlers.counter import NOW, Counter
from tests.offices import merauke


async def test_a_queue_number_of_another_office_is_none_here(counter: Counter, tmp_path: Path) -> None:
    request = await counter.request()
    files = merauke.files_of(tmp_path, "LOKET_PUBLIC_URL=https://merauke.example")
    there = open_beside(files / "merauke.yaml", "https://merauke.example")
    with at_office(there.office_id):
        stranger, _ = await staff.add("Budi", Role.OPERATOR, NOW)
        with pytest.raises(NoSuchQueueNumber):
            await queue.take(stranger, request.queue_number, NOW)


async def test_the_tenth_miss_is_one_too_many(counter: Counter) -> None:
    chat = await a_citizen()
    for _ in range(MOST - 1):
        assert "tidak ditemukan" in await chat.says(str(RequestNumber.new()))
    assert "Sudah sepuluh nomor" in await chat.says(str(RequestNumber.new()))
