"""Changed pictures, PDFs and spreadsheets before the decoders, in processes as limited as the real ones."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from signal import Signals
from threading import Thread
from typing import IO, NamedTuple

import pytest

from bot.files import mime_of
from bot.reading.words import FORMATS
from tests.fakes import pictures
from tests.faults.short_form import SOAKING
from tests.fuzz.decoders import TABLE
from tests.fuzz.mutations import archive_changed, bytes_changed
from tests.fuzz.spreadsheets import BOOKS
from tests.reading import bad_pdfs, bad_pictures

ROOT = Path(__file__).parents[2]
CASES = int(os.environ.get("LOKET_FUZZ", "100000" if SOAKING else "60"))
SEED = int(os.environ.get("LOKET_SEED", "5"))
AT_ONCE = 2
MOST_HELD = 512 * 1024**2  # reliability §4, row 34
MOST_ENDED = 0.001  # of the files may end their process: those are refused, and nobody else notices
HEIC = Path(__file__).with_name("one_picture.heic").read_bytes()
"""A drawing, made with pillow-heif 1.8.1 (x265)."""


def slender(pdf: bytes) -> bytes:
    """Its pages are drawn in a tenth of the time; nothing in the file has moved."""
    return pdf.replace(b"[0 0 595 842]", b"[0 0  50 595]")


# No smaller than what is decoded, no larger: `tests/reading/test_mutated.py` has whole ones.
KINDS = (
    pictures.jpeg(1, width=320, height=200),
    pictures.png(1, width=320, height=200),
    pictures.sticker(1, width=320, height=200),
    HEIC,
    slender(pictures.pdf(1)),
    slender(bad_pdfs.packs_the_script()),
)


def files(count: int, seed: int) -> Iterator[tuple[bytes, str]]:
    """Only those that still begin like what is opened: no decoder sees another."""
    chance, made = random.Random(seed), 0
    for kind in cycle(KINDS):
        content = bytes_changed(chance, kind)
        if (mime := mime_of(content)) in FORMATS:
            yield content, mime
            if (made := made + 1) == count:
                return


def books(count: int, seed: int) -> Iterator[tuple[bytes, str]]:
    """Three in four are whole archives, so that more than the archive is tried."""
    chance = random.Random(seed)
    for number in range(count):
        change = archive_changed if number % 4 else bytes_changed
        yield change(chance, BOOKS[number % len(BOOKS)]), TABLE


Files = Callable[[int, int], Iterator[tuple[bytes, str]]]


class Fork(NamedTuple):
    """How one ended: 0, or minus the signal; and the most memory it held, in bytes."""

    code: int
    held: int


def forks_of(sent: Iterable[tuple[bytes, str]]) -> list[Fork]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.decoders"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as opener:
        assert opener.stdin is not None
        assert opener.stdout is not None
        Thread(target=_hands_over, args=(opener.stdin, sent), daemon=True).start()
        return [Fork(int(code), int(held) * 1024) for code, held in map(bytes.split, opener.stdout)]


def _hands_over(line: IO[bytes], sent: Iterable[tuple[bytes, str]]) -> None:
    with line:
        for content, mime in sent:
            line.write(f"{mime} {len(content)}\n".encode() + content)


def opens(kind: Files, count: int, seed: int) -> Counter[str]:
    """How many ended their fork by which signal."""
    forks = forks_of(kind(count, seed))
    wrong = [number for number, fork in enumerate(forks) if fork.code > 0]
    assert not wrong, f"cases {wrong[:20]} of seed {seed}"
    assert len(forks) == count
    assert max(fork.held for fork in forks) <= MOST_HELD
    return Counter(Signals(-fork.code).name for fork in forks if fork.code)


@pytest.mark.parametrize("kind", [files, books])
def test_decoders_read_or_refuse_and_nothing_else(kind: Files) -> None:
    begun = time.perf_counter()
    share = -(-CASES // AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = sum(
            pool.map(opens, [kind] * AT_ONCE, [share] * AT_ONCE, range(SEED, SEED + AT_ONCE)), Counter[str]()
        )
    count = share * AT_ONCE
    per_second = count / (time.perf_counter() - begun)
    print(f"decoders: {count} {kind.__name__}, {per_second:.0f} a second, ended by a signal: {dict(ended)}")  # noqa: T201
    assert ended.total() <= count * MOST_ENDED


def test_the_heaviest_hold_no_more_than_512_mb() -> None:
    """Of the addresses that a fork may have the decoders' own are for the most part not in memory."""
    heavy = [(bad_pdfs.bomb(), "application/pdf"), (bad_pictures.see_through(8_000, 5_000), "image/png")]
    bomb, picture = forks_of(heavy)
    assert bomb.code != 0, "it was opened to its end"
    assert bomb.held <= MOST_HELD
    assert MOST_HELD // 2 < picture.held <= MOST_HELD
