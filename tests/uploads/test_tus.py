"""The upload protocol, through real sockets: what arrived stays, whatever happens to the line or to us."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.disk import Room
from bot.inbox import Inbox
from models.files import StoredFile
from models.forms import FormToken, Upload
from models.inbox import InboxEvent, InboxKind
from models.keys import PaperKey
from models.requests import Paper
from office import uploads
from office.purge import purge_all
from scheduler.housekeeping import Housekeeping
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import settled
from tests.uploads.page import TUS, Page, opened

PHOTO = pictures.jpeg(1)
HALF = len(PHOTO) // 2


def bytes_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (folder / "papers").rglob("*") if path.is_file()]


async def arrived(content: bytes) -> None:
    """Just these bytes are what was read, once."""
    file = await StoredFile.get(page_of_id=None)
    assert file.sent_sha256 == __import__("hashlib").sha256(content).hexdigest()
    assert await Paper.all().count() == 1


async def cuts(page: Page, upload: str, offset: int, piece: bytes, announced: int) -> None:
    """A PATCH whose line breaks after ``piece``, with more announced."""
    parts = urlsplit(upload)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = {"Host": parts.netloc, "Content-Type": "application/offset+octet-stream", **TUS}
    head |= {"Upload-Offset": str(offset), "Content-Length": str(announced)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"PATCH {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + piece)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


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
            status, offset_now = await page.come(upload)
            assert (status, offset_now) == (200, offset + come)
            offset += come
        assert await page.sends(upload, offset, PHOTO[offset:]) == (204, len(PHOTO))
    await settled(counter)
    await arrived(PHOTO)


async def test_a_line_that_hangs_gives_way_to_the_next(counter: Counter) -> None:
    """The phone has given it up; we would wait for its silence to end."""
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(len(PHOTO))

        async def for_ever():  # type: ignore[no-untyped-def]
            yield PHOTO[:1000]
            await asyncio.sleep(600)

        hanging = asyncio.create_task(
            page.asks("PATCH", upload, data=for_ever(), **{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
        )
        while (await page.come(upload))[1] == 0:
            if hanging.done():
                break
        assert (await page.come(upload)) == (200, 1000)
        with pytest.raises(Exception):  # noqa: B017 - whatever the client calls a line that is cut
            await hanging
        assert await page.sends(upload, 1000, PHOTO[1000:]) == (204, len(PHOTO))
    await settled(counter)
    await arrived(PHOTO)


@pytest.mark.parametrize("at", ["part_stored", "file_stored"])
async def test_a_row_that_was_not_written_leaves_no_orphan(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Bytes come first: what they say is sent again, and what they left is swept."""
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(len(PHOTO))
        piece = PHOTO if at == "file_stored" else PHOTO[:HALF]
        monkeypatch.setattr(Inbox, "post", _dies)
        monkeypatch.setattr(uploads, "_change", _dies)
        with pytest.MonkeyPatch.context():
            assert (await page.sends(upload, 0, piece))[0] == 500
        monkeypatch.undo()
        assert await page.come(upload) == (200, 0)
        assert len(bytes_in(tmp_path)) == 1
        assert await page.sends(upload, 0, PHOTO) == (204, len(PHOTO))
    await settled(counter)
    await arrived(PHOTO)
    await _nights_pass(counter, days=3)
    (stored,) = await StoredFile.all()
    assert len(bytes_in(tmp_path)) == await PaperKey.all().count() == 1
    assert await PaperKey.filter(storage_key=str(stored.storage_key)).exists()


async def _dies(*_: object, **__: object) -> None:
    raise RuntimeError


async def _nights_pass(counter: Counter, days: int) -> None:
    """The sweep goes by the files' own times, which are the machine's."""
    storage = counter.core._intake._storage  # noqa: SLF001
    now = max(counter.clock(), counter.clock() + timedelta(days=days))
    await purge_all(now)
    await Housekeeping(storage, _NoTombstones())(now)  # type: ignore[arg-type]


class _NoTombstones:
    async def keep(self) -> int:
        return 0
