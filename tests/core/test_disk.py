"""What is left of a disk, whom it is told, and the ballast; on a real one of a few megabytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.disk import Ballast, DiskWatch, Room, disks
from tests.small_disk import SmallDisk, mounted

MEGABYTE = 1024**2
WHOLE = 16 * MEGABYTE


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with mounted(tmp_path / "disk", WHOLE // MEGABYTE) as small:
        yield small


def ballast_on(disk: SmallDisk) -> Ballast:
    made = Ballast.of(f"sqlite://{disk.folder}/loket.db")
    assert made is not None
    return made


class Staff:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.away = False

    async def __call__(self, place: str) -> None:
        if self.away:
            raise ConnectionError
        self.told.append(place)


def test_room_is_what_df_says_also_of_a_folder_that_is_still_to_be_made(disk: SmallDisk) -> None:
    disk.fill(but=4 * MEGABYTE)
    room = Room.of(disk.folder / "not" / "yet")
    assert (room.size, room.left) == (WHOLE, 4 * MEGABYTE)
    assert room.share == 0.25


def test_folders_on_one_disk_are_one_disk(disk: SmallDisk, tmp_path: Path) -> None:
    here, there = tmp_path / "data", disk.folder
    assert disks(here, f"sqlite://{here}/loket.db", f"file://{here}/papers") == {"data": here}
    assert disks(here, f"sqlite://{there}/loket.db", f"file://{there}/papers") == {
        "data": here,
        "database": there,
    }
    assert disks(here, "postgres://localhost/loket", "s3://papers") == {"data": here}


async def test_staff_are_told_once_until_there_was_room_again(disk: SmallDisk) -> None:
    staff = Staff()
    watch = DiskWatch({"data": disk.folder}, None, staff)
    await watch.look()
    disk.fill(but=WHOLE * 11 // 100)
    await watch.look()
    assert staff.told == []
    disk.fill(but=WHOLE * 99 // 1000)
    await watch.look()
    await watch.look()
    assert staff.told == ["data"]
    assert REGISTRY.get_sample_value("loket_disk_left", {"place": "data"}) == pytest.approx(0.099, abs=0.001)
    disk.empty()
    await watch.look()
    disk.fill()
    await watch.look()
    assert staff.told == ["data", "data"]


async def test_staff_who_could_not_be_told_are_told_at_the_next_look(disk: SmallDisk) -> None:
    staff = Staff()
    watch = DiskWatch({"data": disk.folder}, None, staff)
    disk.fill()
    staff.away = True
    await watch.look()
    staff.away = False
    await watch.look()
    await watch.look()
    assert staff.told == ["data"]


async def test_a_disk_that_is_gone_keeps_nobody_from_looking_at_the_others(disk: SmallDisk) -> None:
    staff = Staff()
    disk.fill()
    await DiskWatch({"papers": Path("\0"), "data": disk.folder}, None, staff).look()
    assert staff.told == ["data"]


async def test_the_ballast_is_thrown_off_when_the_disk_is_full_and_made_again_when_there_is_room(
    disk: SmallDisk,
) -> None:
    ballast = ballast_on(disk)
    watch = DiskWatch({}, ballast, Staff())
    await watch.look()
    weight = ballast.weight
    assert 0 < weight <= WHOLE // 100
    disk.fill(but=weight)
    await watch.look()
    assert ballast.weight == weight
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        (disk.folder / "more").write_bytes(bytes(4096))
    await watch.look()
    assert ballast.weight == REGISTRY.get_sample_value("loket_ballast_bytes") == 0
    assert disk.left >= weight
    (disk.folder / "more").write_bytes(bytes(4096))
    await watch.look()
    assert ballast.weight == 0
    disk.empty()
    await watch.look()
    assert ballast.weight > 0


def test_there_is_no_ballast_on_postgresql() -> None:
    assert Ballast.of("postgres://localhost/loket") is None
