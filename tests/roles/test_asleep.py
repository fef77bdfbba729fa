"""A staff chat that nobody used for twelve hours does nothing until a new code wakes it."""

from datetime import timedelta

import pytest

from handlers.operator.commands import COMMANDS, DEEDS
from models.audit import AuditRow
from models.staff import StaffBinding
from office.permissions import AWAKE
from tests.handlers.counter import Counter

ASLEEP = "Percakapan petugas ini sudah 12 jam tidak dipakai."


async def test_after_twelve_hours_of_silence_it_asks_for_a_code(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator("Ani")
    counter.now += AWAKE
    for name in COMMANDS:
        if DEEDS[name] is not None:
            await ani.says(f"/{name} 1")
            assert ani.heard.startswith(ASLEEP), name
    await ani.says("/antrean")  # asking again does not wake it
    assert ani.heard.startswith(ASLEEP)
    rows = await AuditRow.filter(action="refused").values_list("reason", flat=True)
    assert set(rows) == {"binding_asleep"}
    await ani.says("/bantuan")
    assert "/antrean" in ani.heard
    await counter.comes_back(ani, "Ani")
    await ani.says("/antrean")
    assert ani.heard.startswith("<b>Antrean: 1</b>")


async def test_work_keeps_it_awake(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    for _ in range(3):
        counter.now += AWAKE - timedelta(seconds=1)
        await ani.says("/antrean")
        assert ani.heard.startswith("Antrean kosong.")


async def test_whatever_is_said_in_it_counts_as_use_while_it_is_awake(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    counter.now += timedelta(hours=11)
    await ani.says("halo")
    counter.now += timedelta(hours=11)
    await ani.says("/antrean")
    assert ani.heard.startswith("Antrean kosong.")


@pytest.mark.parametrize(("hours", "awake"), [(11, True), (12, False)])
async def test_a_chat_bound_by_older_code_counts_from_its_binding(
    counter: Counter, hours: int, awake: bool
) -> None:
    ani = await counter.operator("Ani")
    await StaffBinding.all().update(used_at=None)
    counter.now += timedelta(hours=hours)
    await ani.says("/antrean")
    assert ani.heard.startswith("Antrean kosong.") is awake


async def test_leaving_is_possible_asleep(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    counter.now += timedelta(days=3)
    await ani.says("/keluar")
    assert ani.heard.startswith("Percakapan ini bukan lagi percakapan petugas.")
