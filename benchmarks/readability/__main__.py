"""``python -m benchmarks.readability``: how often the desk judges the labelled photos rightly.

``--split tuning`` for the half that the thresholds were set on, ``--sheet FILE`` for a contact sheet,
``--rounds 5`` for another size of the set (forty photos each).
"""

import argparse
import asyncio
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.readability.check_time import check_times
from benchmarks.readability.labelled import GOOD, Photo, photos
from benchmarks.readability.sheet import sheet
from bot.reading import looks, opening

GOALS = 0.9, 0.05  # of bad ones flagged at least, of good ones at most


def judged(some: Sequence[Photo]) -> list[tuple[Photo, opening.Page]]:
    return [(photo, opening.pages_of(photo.jpeg, "image/jpeg")[0]) for photo in some]


def shares(found: Sequence[tuple[Photo, opening.Page]]) -> tuple[float, float]:
    """Of the bad ones flagged, of the good ones flagged."""
    bad = [page.verdict != GOOD for photo, page in found if photo.label != GOOD]
    good = [page.verdict != GOOD for photo, page in found if photo.label == GOOD]
    return sum(bad) / len(bad), sum(good) / len(good)


def report(found: Sequence[tuple[Photo, opening.Page]]) -> None:
    print(f"{'made as':32}{'photos':>8}{'flagged':>9}  by its own name, or as")
    for kind in dict.fromkeys(photo.kind for photo, _ in found):
        of_it = [(photo, page) for photo, page in found if photo.kind == kind]
        flagged = [page.verdict for _, page in of_it if page.verdict != GOOD]
        right = sum(verdict == of_it[0][0].label for verdict in flagged)
        others = Counter(str(verdict) for verdict in flagged if verdict != of_it[0][0].label)
        print(f"{kind:32}{len(of_it):8}{len(flagged):9}  {right} {dict(others) if others else ''}")
    pairs = list(combinations([page.looks for photo, page in found if photo.label == GOOD], 2))
    alike = sum(looks.alike(*pair) for pair in pairs)
    print(f"{alike} of {len(pairs)} pairs of different good photos look alike")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.readability")
    asked.add_argument("--split", choices=("tuning", "held-out"), default="held-out")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--sheet", type=Path)
    chosen = asked.parse_args()
    found = judged(list(photos(chosen.split, rounds=chosen.rounds)))
    report(found)
    if chosen.sheet is not None:
        cells = [(photo.jpeg, f"{photo.label} → {page.verdict}") for photo, page in found]
        sheet(cells).save(chosen.sheet)
    bad, good = shares(found)
    print(
        f"{chosen.split}, {len(found)} photos: {bad:.1%} of the bad ones flagged, {good:.1%} of the good ones"
    )
    times, size = asyncio.run(check_times())
    middle, longest = statistics.median(times) * 1000, max(times) * 1000
    print(f"{len(times)} times a photo of {size / 1e6:.1f} MB: median {middle:.0f}, longest {longest:.0f} ms")
    return 0 if bad >= GOALS[0] and good <= GOALS[1] else 1


sys.exit(main())
