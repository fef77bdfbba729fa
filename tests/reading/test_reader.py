"""What strangers send, through the child: what becomes of it, and of us."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.files import mime_of
from bot.reading import looks
from bot.reading.forks import ReaderAway
from bot.reading.reader import CannotRead, Reader, ReadPage
from tests.fakes import pictures
from tests.reading import bad_pdfs, bad_pictures

ROOT = Path(__file__).parents[2]
NOT_READ = "not read"  # no kind that is read: the office says that it wants a photo or PDF


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    one = Reader()
    yield one
    await one.close()


async def outcome(reader: Reader, content: bytes) -> str:
    """The verdicts of its pages, or the problem."""
    try:
        pages = await reader.read(content, mime_of(content))
    except CannotRead as refused:
        return str(refused.problem)
    return NOT_READ if pages is None else " ".join(page.verdict for page in pages)


async def the_page(reader: Reader, content: bytes) -> ReadPage:
    pages = await reader.read(content, mime_of(content))
    assert pages is not None
    (page,) = pages
    return page


def shown(page: ReadPage) -> Image.Image:
    return Image.open(io.BytesIO(page.jpeg))


PICTURES = {
    # reliability §4, rows 26 to 32
    "photo": (pictures.jpeg, "readable"),
    "png": (pictures.png, "readable"),
    "polyglot": (bad_pictures.polyglot, "readable"),
    "svg": (bad_pictures.svg, NOT_READ),
    "eps": (bad_pictures.eps, NOT_READ),
    "psd": (bad_pictures.psd, NOT_READ),
    "tiff": (bad_pictures.tiff, NOT_READ),
    "png 20,000 x 20,000": (lambda: bad_pictures.png_that_claims(20_000, 20_000), "vast"),
    "png 13,000 x 13,000": (lambda: bad_pictures.png(13_000, 13_000), "vast"),
    "png 1 x 60,000": (lambda: bad_pictures.png(1, 60_000), "vast"),
    "png 7,000 x 6,000": (lambda: bad_pictures.png(7_000, 6_000), "vast"),
    "png without rows": (lambda: bad_pictures.png_that_claims(800, 600), "broken"),
    "moving gif": (pictures.gif, NOT_READ),
    "webp of 500 frames": (lambda: bad_pictures.moving_webp(500), "readable"),
    "truncated": (pictures.truncated, "broken"),
    "black": (bad_pictures.black, "dark"),
    "dark": (bad_pictures.dark, "dark"),
    "80 x 50": (bad_pictures.tiny, "tiny"),
    "heic of ten": (lambda: bad_pictures.HEIC, "readable"),
    "heic cut short": (lambda: bad_pictures.HEIC[:900], "broken"),
}
PDFS = {
    # rows 33 and 34
    "pdf": (pictures.pdf, "readable"),
    "three pages": (lambda: pictures.pdf(pages=3), "readable readable readable"),
    "begins at a page": (bad_pdfs.begins_at_a_page, "readable"),
    "locked": (bad_pdfs.locked, "locked"),
    "script": (bad_pdfs.runs_script, "active"),
    "script by name": (bad_pdfs.runs_script_by_name, "active"),
    "script, name hidden": (bad_pdfs.hides_the_name, "active"),
    "script, packed": (bad_pdfs.packs_the_script, "active"),
    "address": (bad_pdfs.opens_an_address, "active"),
    "program": (bad_pdfs.starts_a_program, "active"),
    "file inside": (bad_pdfs.carries_a_file, "active"),
    "xfa": (bad_pdfs.is_a_program_form, "active"),
    "500 pages": (bad_pdfs.five_hundred_pages, "pages"),
    "loop": (bad_pdfs.loops, "broken"),
    "empty": (lambda: b"%PDF-1.7\n", "broken"),
}


@pytest.mark.parametrize("table", [PICTURES, PDFS], ids=["pictures", "pdfs"])
async def test_what_becomes_of_each_file(reader: Reader, table: dict) -> None:
    found = {}
    for name, (make, _) in table.items():
        content = make()
        begun = time.monotonic()
        found[name] = await outcome(reader, content)
        assert time.monotonic() - begun < 15, name
    assert found == {name: expected for name, (_, expected) in table.items()}


async def test_a_pdf_that_swells_ends_its_child_and_nobody_else(reader: Reader) -> None:
    small = asyncio.create_task(outcome(reader, pictures.jpeg(2)))
    assert await outcome(reader, bad_pdfs.bomb()) == "heavy"
    assert await small == "readable"
    assert await outcome(reader, pictures.jpeg(1)) == "readable"


async def test_nothing_is_left_of_where_and_by_what_it_was_taken(reader: Reader) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = bad_pictures.tells_all(kind)
        assert bad_pictures.SERIAL in sent
        page = await the_page(reader, sent)
        picture = shown(page)
        assert picture.size == (480, 640)  # upright now
        assert not picture.getexif()
        assert not set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for secret in (b"Exif", bad_pictures.SERIAL, bad_pictures.MAKER, bad_pictures.REMARK):
            assert secret not in page.jpeg
        assert page.jpeg.count(b"\xff\xd8\xff") == 1  # and no picture within the picture


async def test_what_is_kept_is_a_jpeg_of_bounded_size_whatever_came(reader: Reader) -> None:
    polyglot = await the_page(reader, bad_pictures.polyglot())
    assert b"<script>" not in polyglot.jpeg
    assert pictures.same(polyglot.jpeg, pictures.jpeg(1))
    large = await the_page(reader, pictures.jpeg(3, width=5000, height=4000))
    assert shown(large).size == (3500, 2800)
    first = await the_page(reader, bad_pictures.HEIC)
    assert shown(first).size == (640, 480)
    assert shown(first).getpixel((320, 440)) > (150, 180, 200)  # the card, not one of the nine plain ones


async def test_the_same_picture_saved_anew_looks_alike_and_another_does_not(reader: Reader) -> None:
    one = await the_page(reader, pictures.jpeg(1))
    for content in (one.jpeg, pictures.png(1), pictures.jpeg(1, width=640, height=480)):
        assert looks.alike(one.looks, (await the_page(reader, content)).looks)
    others = [(await the_page(reader, photo)).looks for photo in pictures.photos(12, seed=2)]
    assert not any(looks.alike(one.looks, other) for other in others)


async def test_one_that_was_killed_is_started_again(reader: Reader) -> None:
    assert await outcome(reader, pictures.jpeg(1)) == "readable"
    for child in children():
        os.kill(child, signal.SIGKILL)
    assert await outcome(reader, pictures.jpeg(1)) == "readable"
    large = asyncio.create_task(reader.read(pictures.grainy(), "image/jpeg"))
    while not busy():
        await asyncio.sleep(0.001)
    await reader.close()
    with pytest.raises(ReaderAway):  # and starts no other
        await large
    assert children() == []


async def test_it_has_nothing_of_ours_and_where_it_was_root_nothing_of_roots(reader: Reader) -> None:
    await reader.read(pictures.jpeg(1), "image/jpeg")
    (child,) = children()
    place = Path(f"/proc/{child}")
    assert set(place.joinpath("environ").read_bytes().split(b"\0")) == {
        b"OPENBLAS_NUM_THREADS=1",
        b"OMP_NUM_THREADS=1",
        b"",
    }
    said = dict(line.split(":", 1) for line in place.joinpath("status").read_text().splitlines())
    assert said["Threads"].split() == ["1"]
    assert "0" not in said["Uid"].split()
    assert int(said["CapEff"], 16) == 0


async def test_the_loop_goes_on_while_large_photos_are_read(reader: Reader) -> None:
    """Processor time of this thread between two turns of the loop: what others had to wait for us."""
    photo = pictures.grainy()
    assert len(photo) > 5_000_000
    reading = asyncio.gather(*(reader.read(photo, "image/jpeg") for _ in range(3)))
    longest = 0.0
    while not reading.done():
        before = time.thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, time.thread_time() - before)
    assert all(await reading)
    assert longest < 0.05


@pytest.mark.parametrize(
    ("deed", "failure"),
    [
        ("open('/etc/hostname')", "OSError"),
        ("__import__('socket').socket()", "OSError"),
        ("bytearray(700_000_000)", "MemoryError"),
    ],
)
def test_a_child_can_open_nothing_and_hold_little(deed: str, failure: str) -> None:
    script = "import socket\nfrom bot.reading import child, words\nchild.limit(words.OPENING)\n"
    script += f"try:\n    {deed}\n"
    script += "except (OSError, MemoryError) as no:\n    print(type(no).__name__)\nelse:\n    print('done')"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == failure


def children() -> list[int]:
    """Processes that any thread of ours has started and that live: those of the reader."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if "bot.reading.child" in Path(f"/proc/{pid}/cmdline").read_text()]


def busy() -> bool:
    """Whether one has forked for a file."""
    return any(Path(f"/proc/{pid}/task/{pid}/children").read_text() for pid in children())
