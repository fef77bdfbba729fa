"""The upload protocol, through real sockets: what arrived stays, whatever happens to the line or to us."""

import asyncio
import hashlib
import json
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.disk import Room
from bot.doorkeeper import SILENT
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.files import StoredFile
from models.forms import FormToken, Upload
from models.keys import PaperKey
from models.requests import Paper
from office import forms, uploads
from office.uploads import Uploads
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import settled
from tests.patience import PATIENCE
from tests.uploads.page import BYTES, TUS, Page, opened

PHOTO = pictures.jpeg(1)
HALF = len(PHOTO) // 2
TORN = json.dumps([["part/0", 0]] * uploads.MOST_PIECES)  # a line that broke too often


def bytes_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (folder / "papers").rglob("*") if path.is_file()]


async def arrived(content: bytes) -> None:
    """Just these bytes are what was read, once."""
    file = await StoredFile.get(page_of_id=None)
    assert file.sent_sha256 == hashlib.sha256(content).hexdigest()
    assert await Paper.all().count() == 1


async def cuts(page: Page, upload: str, offset: int, piece: bytes, announced: int) -> None:
    """A PATCH whose line breaks after ``piece``, with more announced; returns when that is kept."""
    parts = urlsplit(upload)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = {"Host": parts.netloc, **TUS, **BYTES}
    head |= {"Upload-Offset": str(offset), "Content-Length": str(announced)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"PATCH {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + piece)
    await writer.drain()
    for _ in range(3):  # until it is being read: what was not is lost with the connection, and untold
        await page.state()
    writer.close()
    async with asyncio.timeout(PATIENCE):
        while (await Upload.get()).received < offset + len(piece):
            await asyncio.sleep(0.01)


async def test_a_file_in_pieces_is_one_paper_and_no_byte_of_it_lies_open(
    counter: Counter, tmp_path: Path
) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:
        status, upload = await page.begins(len(PHOTO))
        assert status == 201
        assert await page.come(upload) == (200, 0)
        assert await page.sends(upload, 0, PHOTO[:HALF]) == (204, HALF)
        lying = bytes_in(tmp_path)
        assert len(lying) == 1 and PHOTO[100:200] not in lying[0]
        assert await page.come(upload) == (200, HALF)
        for offset in (0, HALF - 1, HALF + 1, len(PHOTO)):
            assert (await page.sends(upload, offset, b"x"))[0] == 409
        assert (await page.sends(upload, HALF, PHOTO[HALF:] + b"x"))[0] == 413
        assert await page.sends(upload, HALF, PHOTO[HALF:]) == (204, len(PHOTO))
        assert await page.come(upload) == (200, len(PHOTO))  # the answer may be lost: nothing is sent again
        assert await page.sends(upload, len(PHOTO), b"") == (204, len(PHOTO))
        await settled(counter)
        await arrived(PHOTO)
        again = await page.sends_whole(PHOTO)
        await citizen.hears(containing="sama dengan yang sudah ada")
        assert (await page.asks("DELETE", again))[0] == 404  # what is whole is ours
    await settled(counter)
    assert await Paper.all().count() == 1
    stored = await StoredFile.filter(state="stored").values_list("storage_key", flat=True)
    assert all((tmp_path / "papers" / str(key)).stat().st_size for key in stored)
    assert len([one for one in bytes_in(tmp_path) if one]) == len(stored)


async def test_what_came_before_the_line_broke_is_not_sent_again(counter: Counter) -> None:
    chance = random.Random(7)
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(len(PHOTO))
        offset = 0
        for _ in range(4):
            come = chance.randrange(1, HALF // 4)
            await cuts(page, upload, offset, PHOTO[offset : offset + come], len(PHOTO) - offset)
            offset += come
            assert await page.come(upload) == (200, offset)
        assert await page.sends(upload, offset, PHOTO[offset:]) == (204, len(PHOTO))
    await settled(counter)
    await arrived(PHOTO)


async def test_a_line_that_hangs_gives_way_to_the_next(counter: Counter) -> None:
    """The phone has given it up; we would wait for its silence to end."""
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(len(PHOTO))

        begun, never = asyncio.Event(), asyncio.Event()

        async def for_ever() -> AsyncIterator[bytes]:
            yield PHOTO[:1000]
            begun.set()
            await never.wait()

        hanging = asyncio.create_task(page.asks("PATCH", upload, data=for_ever(), Upload_Offset="0", **BYTES))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        _, offset = await asyncio.wait_for(page.come(upload), SILENT)
        with pytest.raises(aiohttp.ClientError):
            await hanging
        assert await page.sends(upload, offset or 0, PHOTO[offset:]) == (204, len(PHOTO))
    await settled(counter)
    await arrived(PHOTO)


async def test_of_two_processes_that_keep_the_same_bytes_one_does(counter: Counter, tmp_path: Path) -> None:
    """Their locks know nothing of each other; the row does."""
    async with opened(counter, counter.citizen()) as page:
        _, address = await page.begins(len(PHOTO))
        storage = SealedStorage(Storage.open(f"file://{tmp_path}/papers"))
        both = [Uploads(storage, counter.core.inbox) for _ in range(2)]
        form = await forms.look(page.url.rpartition("/")[2], counter.clock())
        for piece, here in ((PHOTO[:HALF], HALF), (PHOTO[HALF:], len(PHOTO))):
            upload = await uploads.find(form, address.rpartition("/")[2])
            done = await asyncio.gather(
                *(one.keep(form, upload, piece, counter.clock()) for one in both), return_exceptions=True
            )
            assert sorted(type(one).__name__ for one in done) == ["Upload", "WrongOffset"]
            assert await page.come(address) == (200, here)
    await settled(counter)
    await arrived(PHOTO)
    assert len([one for one in bytes_in(tmp_path) if one]) == 1


async def test_one_upload_for_a_slot_and_one_that_is_given_up_is_gone_at_once(
    counter: Counter, tmp_path: Path
) -> None:
    async with opened(counter, counter.citizen()) as page:
        _, first = await page.begins(len(PHOTO))
        await page.sends(first, 0, PHOTO[:HALF])
        _, second = await page.begins(len(PHOTO))
        assert (await page.come(first))[0] == 404
        await page.sends(second, 0, PHOTO[:HALF])
        assert await PaperKey.all().count() == 1  # nobody opens the first one's piece any more
        assert (await page.asks("DELETE", second))[0] == 204
        assert (await page.come(second))[0] == (await page.asks("DELETE", second))[0] == 404
    assert await Upload.all().count() == await PaperKey.all().count() == 0


async def test_what_cannot_be_an_upload_is_refused(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(counter, counter.citizen()) as page:
        for length, slot, status in (
            (0, "kk", 400),
            (15 * 1024 * 1024 + 1, "kk", 413),
            (100, "surat_nikah", 403),
            (100, "", 403),
        ):
            assert (await page.begins(length, slot))[0] == status
        for headers in ({"Upload_Length": "-1"}, {"Upload_Length": "1_0"}, {"Upload_Metadata": "slot !"}):
            assert (await page.asks("POST", "/uploads", **headers))[0] == 400
        _, upload = await page.begins(100)
        assert (await page.asks("PATCH", upload, data=b"x", Upload_Offset="0"))[0] == 415
        assert (await page.sends(upload + "0", 0, b"x"))[0] == 404
        for odd in ("", "-0", "0x0", "9" * 30):
            status, _, _ = await page.asks("PATCH", upload, data=b"x", Upload_Offset=odd, **BYTES)
            assert status == 409
        status, headers, _ = await page.asks("HEAD", upload, Tus_Resumable="0.2.2")
        assert (status, headers["Tus-Version"]) == (412, "1.0.0")
        for method, path in (("POST", "/uploads"), ("PATCH", upload), ("DELETE", upload), ("POST", "")):
            assert (await page.asks(method, path, Sec_Fetch_Site="cross-site"))[0] == 403
        room = Room.of(tmp_path)
        monkeypatch.setattr(os, "statvfs", lambda _: _Scarce(room))
        assert (await page.begins(100, "surat_hilang"))[0] == 507
        monkeypatch.undo()
        form, now = await FormToken.get(kind="papers"), counter.clock()
        row = {"office_id": form.office_id, "form_id": form.id, "slot": "kk", "length": 9, "created_at": now}
        await Upload.bulk_create(
            [Upload(**row, key=f"{n:032}", done_at=now) for n in range(uploads.MOST_FILES - 1)]
        )
        assert (await page.begins(100, "surat_hilang"))[0] == 429
        await Upload.filter(id=(await Upload.filter(done_at=None).get()).id).update(parts=TORN)
        assert (await page.sends(upload, 0, b"x"))[0] == 429


class _Scarce:
    """What ``df`` says of a disk with a megabyte left."""

    def __init__(self, room: Room) -> None:
        self.f_frsize, self.f_bavail, self.f_bfree = 1, 1024 * 1024, 1024 * 1024
        self.f_blocks = room.size
