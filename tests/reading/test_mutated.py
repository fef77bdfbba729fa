"""Files with a little of them changed: none of them harms the one who reads it."""

import random
import resource
import time

from bot.files import mime_of
from bot.reading.reader import CannotRead, Reader
from bot.reading.table_reader import TableReader
from bot.reading.words import FORMATS, TableRefused
from tests.bad_inputs.bad_archives import bomb, spreadsheet
from tests.fakes import pictures
from tests.faults.short_form import SOAKING
from tests.fuzz.mutations import archive_changed, bytes_changed
from tests.fuzz.spreadsheets import BOOKS
from tests.reading.bad_pictures import HEIC, tells_all
from tests.reading.test_reader import children

COUNT = 500 if SOAKING else 40
SEED = 5
LONGEST = 15.0  # seconds for one file
MORE = 50 * 1024  # kB that we may grow by


async def test_files_a_little_changed_are_read_or_refused_and_no_more() -> None:
    chance = random.Random(SEED)
    kinds = (tells_all("JPEG"), pictures.png(1), HEIC, pictures.pdf(1, pages=2), spreadsheet())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reader, read, refused = Reader(), 0, 0
    for number in range(COUNT):
        content = bytes_changed(chance, kinds[number % len(kinds)])
        begun = time.monotonic()
        try:
            pages = await reader.read(content, mime_of(content))
        except CannotRead:
            refused += 1
        else:
            read += bool(pages)
            assert content[:2] != b"PK" or pages is None, "what begins like an archive is opened by nobody"
        assert time.monotonic() - begun < LONGEST, number
    assert read, "a mutation that is never read tries nothing"
    assert refused, "one that is always read neither"
    assert (await reader.read(pictures.jpeg(1), "image/jpeg")) is not None
    await reader.close()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE


async def test_spreadsheets_a_little_changed_are_read_or_refused_and_no_more() -> None:
    chance = random.Random(SEED)
    tables, read, refused = TableReader(), 0, 0
    for number in range(COUNT):
        change = archive_changed if number % 2 else bytes_changed
        content, begun = change(chance, BOOKS[number % len(BOOKS)]), time.monotonic()
        try:
            read += bool((await tables.read(content)).rows)
        except TableRefused:
            refused += 1
        assert time.monotonic() - begun < LONGEST, number
    assert read, "a mutation that is never read tries nothing"
    assert refused, "one that is always read neither"
    await tables.close()


async def test_an_archive_is_handed_to_no_decoder() -> None:
    """No child is even started for it."""
    reader, others = Reader(), children()
    for content in (spreadsheet(), bomb()):
        assert mime_of(content) not in FORMATS
        assert await reader.read(content, mime_of(content)) is None
        assert children() == others
    await reader.close()
