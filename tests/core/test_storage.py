"""Files by key, in a folder and on S3: whole or not at all, never overwritten, and nowhere else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest

from bot.files import mime_of, new_file_id
from bot.sealed_storage import SealedStorage
from bot.storage import Storage, StorageAway
from models.keys import PaperKey
from models.sealing.keys import SealBroken
from tests.fakes import pictures
from tests.stores import S3, Bucket, Place

LARGE = bytes(range(256)) * 50_000  # 12.8 MB: more than one part of an upload in parts
SEALED_APART = 600 * 1024  # bytes, from where on sealing has a thread of its own
LATER = timedelta(hours=1)
ON_ONE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the rows are tried in tests/sealing


async def listed(storage: Storage, before: datetime | None = None) -> list[str]:
    some = storage.keys(before or datetime.now(UTC) + LATER)
    return sorted([key async for keys in some for key in keys])


async def test_what_is_put_can_be_got(place: Place) -> None:
    storage = Storage.open(place.url)
    await storage.put("2026/11/24/wa-1", b"paper")
    assert await storage.get("2026/11/24/wa-1") == b"paper"
    assert await Storage.open(place.url).get("2026/11/24/wa-1") == b"paper"
    assert place.files() == {"2026/11/24/wa-1": b"paper"}
    with pytest.raises(FileNotFoundError, match="nothing"):
        await storage.get("nothing")


async def test_a_second_put_changes_nothing_whatever_the_size(place: Place) -> None:
    storage = Storage.open(place.url)
    await storage.put("a", LARGE)
    await storage.put("a", LARGE[::-1])
    await storage.put("a", b"second")
    assert await storage.get("a") == LARGE
    await storage.empty("a")
    await storage.put("a", b"third")
    assert await storage.get("a") == b""


async def test_what_lies_there_is_listed_until_it_is_deleted(place: Place) -> None:
    storage = Storage.open(place.url)
    assert await listed(storage) == []
    for key in ("2026/a", "b"):
        await storage.put(key, b"paper")
    assert await listed(storage) == ["2026/a", "b"]
    assert await listed(storage, datetime.now(UTC) - LATER) == []
    for _ in range(2):
        await storage.delete("2026/a")
    assert await listed(storage) == ["b"]
    assert place.files() == {"b": b"paper"}


async def test_a_check_tries_all_that_is_needed_and_leaves_nothing(place: Place) -> None:
    await Storage.open(place.url).check()
    assert place.files() == {}


@ON_ONE
async def test_what_somebody_changed_where_it_lies_is_refused(database: str, place: Place) -> None:
    papers = SealedStorage(Storage.open(place.url))
    content = LARGE[:SEALED_APART]
    for key in ("a", "b"):
        await papers.put(key, content, office_id=1)
    kept, other = (place.files()[key] for key in ("a", "b"))
    assert content[:200] not in kept
    for broken in (kept[:-1], kept[:1000] + bytes([kept[1000] ^ 1]) + kept[1001:], other, b"", content):
        place.overwrite("a", broken)
        with pytest.raises(SealBroken):
            await papers.get("a")
    place.overwrite("a", kept)
    assert await papers.get("a") == content


# ------------------------------------------------------------------ S3


async def test_whatever_else_lies_in_the_bucket_is_not_ours(bucket: Bucket) -> None:
    obstore.put(bucket.others, "kantor/laporan.pdf", b"of another program")
    storage = Storage.open(bucket.url)
    await storage.put("a", b"paper")
    assert await listed(storage) == ["a"]
    with pytest.raises(Exception, match=r"(?s).+"):
        await storage.get("../laporan.pdf")


async def refusals(storage: Storage) -> set[str]:
    """Why it is away, whatever it is asked."""
    said = set()
    for ask in (
        lambda: storage.put("b", b"paper"),
        lambda: storage.get("a"),
        lambda: storage.delete("a"),
        lambda: storage.empty("a"),
        lambda: listed(storage),
        storage.check,
    ):
        with pytest.raises(StorageAway) as away:
            await ask()
        said.add(str(away.value))
    return said


@ON_ONE
async def test_a_store_that_is_away_is_no_lost_paper(database: str, bucket: Bucket, s3: S3) -> None:
    storage = Storage.open(bucket.url)
    papers = SealedStorage(storage)
    await papers.put("a", b"paper", office_id=1)
    with s3.away():
        assert await refusals(storage) == {"GenericError"}  # obstore's, of whatever the network does
        with pytest.raises(StorageAway):
            await papers.put("c", b"another", office_id=1)
    assert await papers.get("a") == b"paper"
    assert bucket.files().keys() == {"a"}
    await papers.put("c", b"another", office_id=1)  # it comes again, under the key that was kept for it
    assert await papers.get("c") == b"another"
    assert await PaperKey.all().count() == 2


async def test_a_bucket_that_is_not_there_says_so_and_not_that_a_paper_is_gone(bucket: Bucket) -> None:
    assert await refusals(Storage.open("s3://nobodys/berkas")) == {"no such bucket"}


async def test_keys_that_it_does_not_take_are_no_lost_paper_either(bucket: Bucket, s3: S3) -> None:
    storage = Storage.open(bucket.url)
    await storage.put("a", b"paper")
    with s3.letting_nobody_in():
        assert "PermissionDeniedError" in await refusals(storage)
    assert await storage.get("a") == b"paper"


# ------------------------------------------------------------------ a folder


async def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    Storage.open(f"file://{tmp_path}/papers")
    assert (tmp_path / "papers").stat().st_mode & 0o077 == 0


async def test_no_key_leads_out_of_the_folder(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(Exception, match=r"(?s).+"):
        await storage.get("../secret")


async def test_a_store_that_cannot_be_written_fails_its_check(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    (tmp_path / "papers").rmdir()
    (tmp_path / "papers").write_bytes(b"a file where a folder was")
    with pytest.raises(Exception, match=r"(?s).+"):
        await storage.check()


def test_ids_tell_nothing_and_are_safe_as_names() -> None:
    made = {new_file_id("tg") for _ in range(100)}
    assert len(made) == 100
    assert all(ident.startswith("tg-") and ident.replace("-", "").isalnum() for ident in made)


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (pictures.jpeg(1), "image/jpeg"),
        (pictures.png(1), "image/png"),
        (pictures.pdf(1), "application/pdf"),
        (pictures.sticker(1), "image/webp"),
        (b"<svg onload=alert(1)>", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"%!PS-Adobe", "application/postscript"),
    ],
)
def test_a_file_is_what_its_bytes_are(content: bytes, mime: str) -> None:
    assert mime_of(content) == mime
