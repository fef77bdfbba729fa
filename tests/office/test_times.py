"""Moments and hours in words, in the office's own zone."""

from datetime import UTC, datetime, timedelta

import pytest

from office import times
from office.context import office
from office.profile import Hours
from tests.office.world import NOW


def test_a_moment_is_said_with_its_zone_in_both_languages() -> None:
    assert times.when(NOW) == "24 November 2026 pukul 10.00 WITA"
    assert times.when(NOW, "en") == "24 November 2026 at 10:00 WITA"
    assert times.when(datetime(2027, 2, 28, 16, 30, tzinfo=UTC)) == "1 Maret 2027 pukul 00.30 WITA"


@pytest.mark.parametrize(
    ("hour", "part"),
    [(3, "malam"), (4, "pagi"), (10, "pagi"), (11, "siang"), (15, "sore"), (18, "sore"), (19, "malam")],
)
def test_a_part_of_the_day_is_what_one_wishes(hour: int, part: str) -> None:
    midnight = datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert times.part_of_day(midnight + timedelta(hours=hour)) == part


def test_hours_are_grouped_by_days_that_have_the_same() -> None:
    assert times.hours(office().office.pickup_hours) == "Senin–Kamis 09.00–14.00, Jumat 09.00–11.00 WITA"
    two = Hours.model_validate(
        {"tuesday": [{"from": "08:00", "until": "12:00"}, {"from": "13:00", "until": "15:00"}]}
    )
    assert times.hours(two) == "Selasa 08.00–12.00 & 13.00–15.00 WITA"
    assert times.hours(Hours()) == "tutup"
