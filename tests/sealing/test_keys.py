"""The file of keys: made once, for its owner alone, and rotated beside those who use it."""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.sealing.keys import KeyMissing, Keys, KeysUnusable, SealBroken, Wrapped, opened, sealed

DATA_KEY = bytes(range(32))


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    wrapped = Keys.open(path).wrap(DATA_KEY, "a")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.open(path).unwrap(wrapped, "a") == DATA_KEY
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]


def test_processes_that_start_together_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened_ones = list(pool.map(lambda _: Keys.open(tmp_path / "keys.json"), range(8)))
    assert len({one.derived("index") for one in opened_ones}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_one_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    Keys.open(path)
    path.chmod(mode)
    with pytest.raises(KeysUnusable, match="may be read by others"):
        Keys.open(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: {**held, "current": "k9"},
        lambda held: {**held, "keys": {"k1": "c2hvcnQ="}},
        lambda held: {**held, "root": "?"},
        lambda held: {**held, "keys": {}},
        lambda held: {"current": "k1"},
        lambda _: [],
    ],
)
def test_a_broken_one_is_refused_and_its_keys_are_not_repeated(tmp_path: Path, change: object) -> None:
    path = tmp_path / "keys.json"
    Keys.open(path)
    held = json.loads(path.read_text())
    path.write_text(json.dumps(change(held)))  # type: ignore[operator]
    with pytest.raises(KeysUnusable, match="is no file of keys") as refused:
        Keys.open(path)
    assert held["root"] not in str(refused.value)


def test_every_purpose_has_a_key_of_its_own_that_outlives_rotations(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.open(path)
    index, audit = keys.derived("index"), keys.derived("audit")
    assert len(index) == 32
    assert index != audit
    keys.rotate(path)
    assert Keys.open(path).derived("index") == index


def test_a_data_key_opens_what_it_was_wrapped_for_and_nothing_else(tmp_path: Path) -> None:
    keys = Keys.open(tmp_path / "keys.json")
    wrapped = keys.wrap(DATA_KEY, "paper-a")
    assert keys.unwrap(wrapped, "paper-a") == DATA_KEY
    with pytest.raises(SealBroken):
        keys.unwrap(wrapped, "paper-b")
    with pytest.raises(KeyMissing, match="k7"):
        keys.unwrap(Wrapped("k7", wrapped.key), "paper-a")


def test_who_serves_meanwhile_learns_of_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    serving, at_the_desk = Keys.open(path), Keys.open(path)
    before = serving.wrap(DATA_KEY, "a")
    at_the_desk.rotate(path)
    os.utime(path, ns=(1, 1))  # whatever the clock's grain
    assert serving.unwrap(at_the_desk.wrap(DATA_KEY, "a"), "a") == DATA_KEY
    assert (before.kek, serving.wrap(DATA_KEY, "a").kek) == ("k1", "k2")
    assert at_the_desk.unwrap(before, "a") == DATA_KEY


@pytest.mark.parametrize("place", range(12 + 5 + 16))
def test_a_flipped_bit_is_noticed_wherever_it_is(place: int) -> None:
    held = bytearray(sealed(DATA_KEY, b"paper", "a"))
    held[place] ^= 1
    with pytest.raises(SealBroken):
        opened(DATA_KEY, bytes(held), "a")


@pytest.mark.parametrize("length", [0, 5, 12, 27, 32])
def test_what_was_cut_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        opened(DATA_KEY, sealed(DATA_KEY, b"paper", "a")[:length], "a")


async def test_nothing_is_written_half(tmp_path: Path) -> None:
    """Whoever reads while it is rotated reads the old keys or the new ones."""
    path = tmp_path / "keys.json"
    keys = Keys.open(path)
    root = keys.derived("index")

    def rotate() -> None:
        for _ in range(20):
            keys.rotate(path)

    rotating = asyncio.create_task(asyncio.to_thread(rotate))
    while not rotating.done():
        assert Keys.read(path).derived("index") == root
        await asyncio.sleep(0)
    await rotating
