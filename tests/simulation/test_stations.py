"""The model's stations against what queueing theory says of them."""

import random

import pytest

from benchmarks.simulation.model import Costs, Plant, simulate
from benchmarks.simulation.stations import Line, Log, Processors


def waits(count: int, load: float, customers: int = 200_000) -> float:
    """The mean wait of Poisson arrivals with exponential service of mean 1."""
    dice, station, now, waited = random.Random(5), Processors(count), 0.0, 0.0
    for _ in range(customers):
        now += dice.expovariate(load * count)
        service = dice.expovariate(1.0)
        waited += station.serve(now, service) - now - service
    return waited / customers


@pytest.mark.parametrize(("count", "load", "mean"), [(1, 0.5, 1.0), (1, 0.8, 4.0), (2, 0.8, 16 / 9)])
def test_processors_make_wait_as_erlang_says(count: int, load: float, mean: float) -> None:
    assert waits(count, load) == pytest.approx(mean, rel=0.06)


def test_a_flush_takes_all_that_wait_for_it() -> None:
    log = Log(flush=2.0)
    assert log.commit(0.0) == 2.0
    assert [log.commit(0.5), log.commit(1.9)] == [4.0, 4.0]  # the one under way began without them
    assert log.commit(2.5) == 6.0
    assert log.commit(20.0) == 22.0


def test_a_number_says_no_more_than_its_limit() -> None:
    line = Line(per_second=4.0)
    assert [line.turn(0.0) for _ in range(3)] == [0.0, 0.25, 0.5]
    assert line.turn(10.0) == 10.0
    assert line.longest == 0.5


def test_an_idle_plant_answers_in_the_time_of_its_steps() -> None:
    costs = Costs(web=0.001, worker=0.001, delivery=0.001, database=0.001, receipt=0.0, platform=0.1)
    plant = Plant(replicas=4, database_cores=16)
    out = simulate(costs, plant, [1.0], 10.0, seconds=60.0, receipts=0, seed=1)
    assert len(out.acks) == len(out.replies) == pytest.approx(600, rel=0.15)
    mean = sum(out.acks) / len(out.acks)
    assert mean == pytest.approx(0.001 + costs.network + 0.0003 + costs.flush, rel=0.1)
    assert sum(out.replies) / len(out.replies) == pytest.approx(0.1 + 2 * mean, rel=0.1)
    assert simulate(costs, plant, [1.0], 10.0, seconds=60.0, receipts=0, seed=1).acks == out.acks
