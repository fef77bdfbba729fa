"""How often OCR reads NIK and name of a generated card, how long it takes and what it holds.

`make ocr` first, then: .venv/bin/python -m benchmarks.readability.ocr [COUNT]
"""

import asyncio
import contextlib
import io
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.readability import papers, scenes
from bot.reading.ocr import Ocr
from bot.reading.reader import Reader
from bot.reading.words import JPEG
from office.suggestions import suggested_by

SIZE = (1600, 1200)

_held: dict[int, int] = {}  # process → the most kB that it held


def a_card(chance: random.Random) -> tuple[bytes, str, str]:
    """A photo of a card on a table, as a phone saves it; its NIK and its name."""
    day, serial = chance.randrange(1, 29) + chance.choice((0, 40)), chance.randrange(1, 9999)
    born = f"{day:02}{chance.randrange(1, 13):02}{chance.randrange(100):02}"
    nik, name = f"53140{chance.randrange(1, 9)}{born}{serial:04}", chance.choice(papers.NAMES)
    seen = scenes.photographed(papers.card(chance, nik, name), chance, SIZE)
    file = io.BytesIO()
    seen.picture.save(file, "JPEG", quality=chance.randrange(60, 92))
    return file.getvalue(), nik, name


def judged(read: str | None, written: str) -> str:
    return "none" if read is None else "right" if read == written else "wrong"


async def measure(count: int) -> None:
    reader, ocr, chance = Reader(), Ocr(), random.Random(47)
    niks, names, seconds = Counter[str](), Counter[str](), []
    watching = asyncio.create_task(_watch())
    for _ in range(count):
        photo, nik, name = a_card(chance)
        (page,) = await reader.read(photo, JPEG) or ()
        begun = time.monotonic()
        lines = await ocr.lines(page.jpeg)
        seconds.append(time.monotonic() - begun)
        found = suggested_by(lines, "ktp", None)
        niks[judged(found.nik.digits if found and found.nik else None, nik)] += 1
        names[judged(found.name if found else None, name)] += 1
    watching.cancel()
    await ocr.close()
    await reader.close()
    print(f"{count} cards; NIK {dict(niks)}; name {dict(names)}")
    print(f"seconds: median {statistics.median(seconds):.1f}, most {max(seconds):.1f}")
    print(f"most that one process held: {max(_held.values()) >> 10} MB")


async def _watch() -> None:
    """Look at the processes of OCR, over and over: a fork is gone when it has answered."""
    while True:
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError, KeyError):
                if b"\0cards\0" in (status.parent / "cmdline").read_bytes():
                    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
                    _held[int(status.parent.name)] = int(told["VmHWM"].split()[0])
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
