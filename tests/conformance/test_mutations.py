"""The suite bites: take one handled behaviour away, and the check that asks for it fails."""

from pathlib import Path

import pytest

from tests.conformance.bench import open_bench
from tests.conformance.checks import BEHAVIOURS
from tests.conformance.further_mutations import FURTHER
from tests.conformance.mutation import Mutation
from tests.conformance.mutations import MUTATIONS
from tests.conformance.subject import subjects

SUBJECTS = subjects()
ALL = [*MUTATIONS, *FURTHER]
ORDER = {"what_is_said_quickly_is_heard_in_order", "answers_come_in_order"}  # the core's: see tests/core
TAKEN_AWAY = [
    pytest.param(each, id=f"{each.channel}: {each.target.removeprefix('bot.')} for {each.noticed_by}")
    for each in ALL
]


@pytest.mark.parametrize("mutation", TAKEN_AWAY)
async def test_a_missing_behaviour_is_noticed(
    mutation: Mutation, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, subject = BEHAVIOURS[mutation.noticed_by], SUBJECTS[mutation.channel]
    assert asked.needs(subject)
    monkeypatch.setattr("_pytest.assertion.util._reprcompare", None)  # nobody reads how two pictures differ
    monkeypatch.setattr("bot.handling.PAUSES", (0.0,) * 4)  # seconds before a step is tried again
    monkeypatch.setattr(mutation.target, mutation.change(mutation.original))
    with pytest.raises(AssertionError):
        async with open_bench(subject, tmp_path, quiet=asked.quiet) as here:
            await asked.check(here)
            assert len(here.subject.refused) <= here.forgiven


def test_every_channel_is_bitten() -> None:
    assert {each.channel for each in ALL} == SUBJECTS.keys()


def test_every_behaviour_is_taken_away_somewhere() -> None:
    assert BEHAVIOURS.keys() - {each.noticed_by for each in ALL} == ORDER
