"""Files by key: whole or not at all, never overwritten, and nowhere but in their folder."""

from pathlib import Path

import pytest

from bot.files import mime_of, new_file_id
from bot.storage import Storage
from tests.fakes import pictures


async def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    await storage.put("2026/11/24/wa-1", b"paper")
    assert await storage.get("2026/11/24/wa-1") == b"paper"
    assert await Storage.open(f"file://{tmp_path}/papers").get("2026/11/24/wa-1") == b"paper"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["wa-1"]


async def test_a_second_put_changes_nothing(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    await storage.put("a", b"first")
    await storage.put("a", b"second")
    assert await storage.get("a") == b"first"


async def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    with pytest.raises(FileNotFoundError, match="nothing"):
        await storage.get("nothing")


async def test_the_folder_is_ours_alone_and_the_check_leaves_nothing(tmp_path: Path) -> None:
    storage = Storage.open(f"file://{tmp_path}/papers")
    assert (tmp_path / "papers").stat().st_mode & 0o077 == 0
    await storage.check()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
