"""The labelled photos in short; the whole set and its figures: ``python -m benchmarks.readability``."""

import pytest
from PIL import Image

from benchmarks.readability.labelled import GOOD, photos
from bot.reading import opening, quality
from bot.reading.words import Verdict


def test_bad_photos_are_flagged_and_good_ones_are_not() -> None:
    """One of each kind: of nine bad ones one may be missed, of seven good ones none flagged."""
    few = photos("tuning", rounds=1, most=1, sizes=((1280, 960), (960, 1280)))
    found = [(photo, opening.pages_of(photo.jpeg, "image/jpeg")[0].verdict) for photo in few]
    missed = [photo.name for photo, verdict in found if photo.label != GOOD and verdict is Verdict.READABLE]
    wronged = [(photo.name, verdict) for photo, verdict in found if photo.label == GOOD and verdict != GOOD]
    assert len(found) == 16
    assert len(missed) <= 1, missed
    assert wronged == []


@pytest.mark.parametrize(
    ("size", "verdict"), [((599, 450), "small"), ((800, 419), "small"), ((600, 420), "blank")]
)
def test_the_least_size_of_a_photo(size: tuple[int, int], verdict: str) -> None:
    assert quality.verdict(Image.new("RGB", size, "white")) == verdict


def test_a_drawn_page_is_small_for_nobody_and_one_line_is_enough() -> None:
    page = Image.new("RGB", (590, 400), "white")
    assert quality.verdict(page, drawn=True) is Verdict.BLANK
    page.paste((0, 0, 0), (100, 100, 160, 104))
    assert quality.verdict(page, drawn=True) is Verdict.READABLE
