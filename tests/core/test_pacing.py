"""Never faster than the platform allows, in any second one may choose to look at."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Caps
from bot.pacing import Pacing


class Seconds:
    """A monotonic clock that is told how long things take."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@settings(max_examples=200)
@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(1, 5), st.floats(0, 0.4)), min_size=1, max_size=120),
)
def test_the_account_stays_below_its_limit_in_every_window_of_a_second(
    limit: int, tries: list[tuple[int, float]]
) -> None:
    clock, sent = Seconds(), []
    pacing = Pacing(monotonic=clock)
    caps = Caps(per_second=limit, per_person=1_000.0, person_burst=1_000)
    for person, pause in tries:
        clock.now += pause
        while wait := pacing.wait("whatsapp", "1", person, caps):
            assert 0 < wait <= 1.0
            clock.now += wait
        sent.append(clock.now)
    for start in sent:
        assert sum(start <= moment < start + 1.0 - 1e-9 for moment in sent) <= limit


def test_a_person_has_a_bucket_that_refills() -> None:
    clock = Seconds()
    pacing, caps = Pacing(monotonic=clock), Caps(per_second=100, per_person=0.5, person_burst=3)
    assert [pacing.wait("telegram", "1", 7, caps) for _ in range(3)] == [0.0] * 3
    assert pacing.wait("telegram", "1", 7, caps) == 2.0
    assert pacing.wait("telegram", "1", 8, caps) == 0.0  # others are not held up
    clock.now += 1.0
    assert pacing.wait("telegram", "1", 7, caps) == 1.0
    clock.now += 1.0
    assert pacing.wait("telegram", "1", 7, caps) == 0.0
    clock.now += 3_600
    assert [pacing.wait("telegram", "1", 7, caps) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]


def test_a_refused_try_costs_nothing_and_accounts_are_apart() -> None:
    clock = Seconds()
    pacing, caps = Pacing(monotonic=clock), Caps(per_second=1, per_person=1.0, person_burst=2)
    assert pacing.wait("whatsapp", "1", 7, caps) == 0.0
    for _ in range(50):
        assert pacing.wait("whatsapp", "1", 7, caps) == 1.0
    assert pacing.wait("whatsapp", "2", 7, caps) == 0.0
    clock.now += 1.0
    assert pacing.wait("whatsapp", "1", 7, caps) == 0.0


def test_it_can_be_switched_off() -> None:
    pacing, caps = Pacing(on=False), Caps(per_second=1, per_person=0.001, person_burst=1)
    assert {pacing.wait("whatsapp", "1", 7, caps) for _ in range(1_000)} == {0.0}
