"""The labelled set: what each photo shows, and whether a clerk would send it back.

The same for the same seed; a seed names the split, the round and the place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image, ImageFilter

from benchmarks.readability import defects, papers
from benchmarks.readability.scenes import Seen, held, photographed, scanned

SIZES: Final = ((1280, 960), (960, 1280), (1600, 1200), (1200, 1600), (1080, 810))
GOOD: Final = "readable"
Split = Literal["tuning", "held-out"]


@dataclass(frozen=True, slots=True)
class Photo:
    """``label``: `GOOD` or the defect, as `bot.reading.words.Verdict` calls it; ``kind``: how it is made."""

    name: str
    label: str
    kind: str
    jpeg: bytes


Size = tuple[int, int]
Make = Callable[[random.Random, Size], Image.Image]


def _laid(chance: random.Random, size: Size, *, outside: float = 0.0) -> Seen:
    paper = chance.choice(papers.WRITTEN)(chance)
    if (paper.width > paper.height) != (size[0] > size[1]) and chance.random() < 0.8:
        size = size[1], size[0]
    return photographed(paper, chance, size, outside=outside)


def _on_a_table(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(_laid(chance, size).picture, chance)


def _in_the_shade(chance: random.Random, size: Size) -> Image.Image:
    return defects.dim(_laid(chance, size).picture, chance)


def _in_the_hand(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(held(_laid(chance, size), chance), chance)


def _with_a_sheen(chance: random.Random, size: Size) -> Image.Image:
    return defects.shiny(_laid(chance, size), chance)


def _by_a_scanning_app(chance: random.Random, size: Size) -> Image.Image:
    return scanned(chance.choice(papers.WRITTEN)(chance), chance, size).picture


def _photocopy(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(_laid(chance, size).picture.convert("L").convert("RGB"), chance)


def _a_little_soft(chance: random.Random, size: Size) -> Image.Image:
    """Not quite in focus; can be read."""
    seen = _laid(chance, size).picture
    radius = chance.uniform(0.8, 1.3) * max(seen.size) / defects.LONG
    return defects.grainy(seen.filter(ImageFilter.GaussianBlur(radius)), chance)


def _blank(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(photographed(papers.empty(chance), chance, size).picture, chance)


def _blank_page_filling_the_frame(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(scanned(papers.empty(chance), chance, size).picture, chance)


def _cut(chance: random.Random, size: Size) -> Image.Image:
    return defects.grainy(_laid(chance, size, outside=chance.uniform(0.16, 0.42)).picture, chance)


def _screen(chance: random.Random, size: Size) -> Image.Image:
    return defects.of_a_screen(chance.choice(papers.WRITTEN)(chance), chance, size)


def _dark(chance: random.Random, size: Size) -> Image.Image:
    return defects.dark(_laid(chance, size).picture, chance)


def _out_of_focus(chance: random.Random, size: Size) -> Image.Image:
    return defects.out_of_focus(_laid(chance, size).picture, chance)


def _shaken(chance: random.Random, size: Size) -> Image.Image:
    return defects.shaken(_laid(chance, size).picture, chance)


def _glaring(chance: random.Random, size: Size) -> Image.Image:
    return defects.glaring(_laid(chance, size), chance)


def _small(chance: random.Random, size: Size) -> Image.Image:
    return defects.small(_laid(chance, size).picture, chance)


MAKES: Final[tuple[tuple[str, int, Make], ...]] = (
    # label, how many of every forty, how
    (GOOD, 6, _on_a_table),
    (GOOD, 2, _in_the_hand),
    (GOOD, 3, _in_the_shade),
    (GOOD, 3, _with_a_sheen),
    (GOOD, 3, _by_a_scanning_app),
    (GOOD, 1, _photocopy),
    (GOOD, 2, _a_little_soft),
    ("dark", 3, _dark),
    ("blurred", 2, _out_of_focus),
    ("blurred", 2, _shaken),
    ("glare", 3, _glaring),
    ("screen", 3, _screen),
    ("cut", 3, _cut),
    ("small", 2, _small),
    ("blank", 1, _blank),
    ("blank", 1, _blank_page_filling_the_frame),
)


def photos(split: Split, *, rounds: int = 5, most: int = 8, sizes: Sequence[Size] = SIZES) -> Iterator[Photo]:
    """Forty photos a round, or at ``most`` so many of each kind; the two splits share no seed."""
    for round_number in range(rounds):
        for number, (label, count, make) in enumerate(MAKES):
            for n in range(min(count, most)):
                name = f"{split}/{round_number}/{label}/{number}/{n}"
                chance = random.Random(name)
                picture = defects.as_sent(make(chance, chance.choice(sizes)), chance)
                yield Photo(name, label, make.__name__.strip("_"), picture)
