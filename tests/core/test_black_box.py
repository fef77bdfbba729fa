"""What was in hand when a process was killed is told to the next one."""

from pathlib import Path

from bot.black_box import SLOTS, BlackBox


def test_what_was_in_hand_is_stored_first_next_time(tmp_path: Path) -> None:
    killed = BlackBox(tmp_path / "in-hand")
    assert killed.take_up("telegram", "1", "poison") is not None
    done = killed.take_up("telegram", "1", "harmless")
    assert done is not None
    killed.put_down(done)

    after = BlackBox(tmp_path / "in-hand")  # nobody closed the first: it was killed
    assert after.take_up("telegram", "1", "poison") is None
    assert after.take_up("telegram", "2", "poison") is not None
    assert after.take_up("telegram", "1", "harmless") is not None


def test_a_full_hand_takes_no_more(tmp_path: Path) -> None:
    box = BlackBox(tmp_path / "in-hand")
    slots = [box.take_up("telegram", "1", str(n)) for n in range(SLOTS)]
    assert None not in slots
    assert box.take_up("telegram", "1", "one more") is None
    box.put_down(int(slots[0] or 0))
    assert box.take_up("telegram", "1", "one more") is not None


def test_after_an_orderly_end_nothing_is_suspected(tmp_path: Path) -> None:
    box = BlackBox(tmp_path / "in-hand")
    slot = box.take_up("telegram", "1", "a")
    assert slot is not None
    box.put_down(slot)
    box.close()
    assert BlackBox(tmp_path / "in-hand").take_up("telegram", "1", "a") is not None
