"""A file lies sealed under a key of its own, where it was put; moved, cut or changed it is not opened."""

from pathlib import Path

import pytest

from bot.sealed_storage import MARK, SealedStorage
from bot.storage import Storage
from models.database import rows, transaction
from models.keys import PaperKey
from models.sealing import held, rotation
from models.sealing.keys import Keys, SealBroken
from models.sealing.ring import Ring
from tests.sealed import KEYS

CARD = b"KTP 5314015506900001 MARIA KENARI" * 40
LARGE = CARD * 500  # sealed in a thread


@pytest.fixture
def papers(database: str, tmp_path: Path) -> SealedStorage:
    return SealedStorage(Storage.open(f"file://{tmp_path}/papers"))


def lying(folder: Path, key: str) -> Path:
    return folder / "papers" / key


@pytest.mark.parametrize("content", [b"x", CARD, LARGE])
async def test_it_comes_back_and_lies_sealed(papers: SealedStorage, tmp_path: Path, content: bytes) -> None:
    await papers.put("2026/a", content, office_id=1)
    assert await papers.get("2026/a") == content
    there = lying(tmp_path, "2026/a").read_bytes()
    assert there.startswith(MARK)
    assert content[:20] not in there or len(content) == 1


async def test_two_of_the_same_are_sealed_differently(papers: SealedStorage, tmp_path: Path) -> None:
    for key in ("a", "b"):
        await papers.put(key, CARD, office_id=1)
    assert lying(tmp_path, "a").read_bytes() != lying(tmp_path, "b").read_bytes()
    assert len({bytes(one.wrapped) for one in await PaperKey.all()}) == 2


async def test_swapped_flipped_cut_or_replaced_it_is_refused(papers: SealedStorage, tmp_path: Path) -> None:
    for key in ("a", "b"):
        await papers.put(key, CARD + key.encode(), office_id=1)
    a, b = (lying(tmp_path, key).read_bytes() for key in ("a", "b"))
    flipped = a[:50] + bytes([a[50] ^ 1]) + a[51:]
    for broken in (b, flipped, a[:-1], a[:4], b"", CARD):
        lying(tmp_path, "a").write_bytes(broken)
        with pytest.raises(SealBroken):
            await papers.get("a")
    lying(tmp_path, "a").write_bytes(a)
    assert await papers.get("a") == CARD + b"a"


async def test_a_data_key_of_another_paper_is_refused(papers: SealedStorage, tmp_path: Path) -> None:
    """Who writes to database and storage alike can still not show one paper as another."""
    for key in ("a", "b"):
        await papers.put(key, CARD + key.encode(), office_id=1)
    other = await PaperKey.get(storage_key="b")
    await PaperKey.filter(storage_key="a").update(wrapped=other.wrapped)
    lying(tmp_path, "a").write_bytes(lying(tmp_path, "b").read_bytes())
    with pytest.raises(SealBroken):
        await papers.get("a")


async def test_after_a_crash_between_key_and_file_a_second_try_seals_under_the_same_key(
    papers: SealedStorage, tmp_path: Path
) -> None:
    await papers.put("a", CARD, office_id=1)
    first = lying(tmp_path, "a").read_bytes()
    lying(tmp_path, "a").unlink()
    await papers.put("a", CARD, office_id=1)
    assert lying(tmp_path, "a").read_bytes() == first
    await papers.put("a", b"something else", office_id=1)
    assert await papers.get("a") == CARD


async def test_without_its_key_it_is_gone(papers: SealedStorage, tmp_path: Path) -> None:
    await papers.put("a", CARD, office_id=1)
    copy = lying(tmp_path, "a").read_bytes()
    await papers.delete("a")
    assert not lying(tmp_path, "a").exists()
    lying(tmp_path, "a").write_bytes(copy)  # out of a backup
    with pytest.raises(FileNotFoundError):
        await papers.get("a")


async def test_a_rotation_wraps_every_key_anew_and_goes_on_after_a_stop(
    papers: SealedStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys.open(tmp_path / "keys.json")
    await held.take(keys)
    for n in range(7):
        await papers.put(f"p{n}", CARD + bytes([n]), office_id=1 + n % 2)
    sealed_before = {n: lying(tmp_path, f"p{n}").read_bytes() for n in range(7)}
    text = held.ring().seal("Maria", "contacts", "name", 1)

    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    keys.rotate(tmp_path / "keys.json")
    await transaction(lambda: rotation._fields(keys))
    await transaction(lambda: rotation._some_papers(keys))  # and here it was killed
    assert await rotation.wrapped_by_others(keys) == 5
    assert await papers.get("p0") == CARD + b"\0"
    assert await rotation.wrap_anew(keys) == 5
    assert {one["kek"] for one in await rows("SELECT kek FROM paper_keys")} == {"k2"}

    only_new = Keys("k2", {"k2": keys._keys["k2"]}, keys._root)
    await held.take(only_new)
    assert held.ring().open(text, "contacts", "name", 1) == "Maria"
    for n in range(7):
        assert await papers.get(f"p{n}") == CARD + bytes([n])
        assert lying(tmp_path, f"p{n}").read_bytes() == sealed_before[n]


def test_the_blind_index_needs_the_key() -> None:
    one, other = Ring({1: bytes(32)}, KEYS.derived("index")), Ring({1: bytes(32)}, bytes(32))
    assert one.index("nik", "5314015506900001") == one.index("nik", "5314015506900001")
    assert one.index("nik", "5314015506900001") != one.index("nik", "5314015506900002")
    assert one.index("nik", "5314015506900001") != one.index("phone", "5314015506900001")
    assert one.index("nik", "5314015506900001") != other.index("nik", "5314015506900001")


async def test_who_starts_first_makes_the_key_of_the_rows_for_all(database: str, tmp_path: Path) -> None:
    keys = Keys.open(tmp_path / "keys.json")
    await held.take(keys)
    text = held.ring().seal("Maria", "contacts", "name", 1)
    await held.take(Keys.open(tmp_path / "keys.json"))
    assert held.ring().open(text, "contacts", "name", 1) == "Maria"
    assert await rows("SELECT id FROM field_keys") != []
