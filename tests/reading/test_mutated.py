"""Files with a little of them changed: none of them harms the one who reads it."""

import random
import resource
import time

from bot.files import mime_of
from bot.reading.reader import CannotRead, Reader
from tests.fakes import pictures
from tests.faults.short_form import SOAKING
from tests.reading.bad_pictures import HEIC, tells_all

COUNT = 500 if SOAKING else 40
SEED = 5
LONGEST = 15.0  # seconds for one file
MORE = 50 * 1024  # kB that we may grow by


def mutated(chance: random.Random, whole: bytes) -> bytes:
    """Bytes turned, a piece taken out, doubled, or the end cut off."""
    content = bytearray(whole)
    match chance.randrange(4):
        case 0:
            for _ in range(chance.choice((1, 8, 64))):
                content[chance.randrange(len(content))] = chance.randrange(256)
        case 1:
            del content[chance.randrange(len(content)) :]
        case 2:
            begin = chance.randrange(len(content))
            del content[begin : begin + chance.randrange(1, 400)]
        case _:
            begin = chance.randrange(len(content))
            content[begin:begin] = content[begin : begin + chance.randrange(1, 400)]
    return bytes(content)


async def test_files_a_little_changed_are_read_or_refused_and_no_more() -> None:
    chance = random.Random(SEED)
    kinds = (tells_all("JPEG"), pictures.png(1), HEIC, pictures.pdf(1, pages=2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reader, read, refused = Reader(), 0, 0
    for number in range(COUNT):
        content = mutated(chance, kinds[number % len(kinds)])
        begun = time.monotonic()
        try:
            pages = await reader.read(content, mime_of(content))
        except CannotRead:
            refused += 1
        else:
            read += bool(pages)
        assert time.monotonic() - begun < LONGEST, number
    assert read, "a mutation that is never read tries nothing"
    assert refused, "one that is always read neither"
    assert (await reader.read(pictures.jpeg(1), "image/jpeg")) is not None
    await reader.close()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE
