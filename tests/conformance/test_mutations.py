"""The suite bites: take one handled behaviour away, and the check that asks for it fails."""

from pathlib import Path

import pytest

from tests.conformance.bench import open_bench
from tests.conformance.checks import BEHAVIOURS
from tests.conformance.mutations import MUTATIONS, Mutation
from tests.conformance.subject import subjects

SUBJECTS = subjects()
TAKEN_AWAY = [
    pytest.param(each, id=f"{each.channel}: {each.target.removeprefix('bot.')} for {each.noticed_by}")
    for each in MUTATIONS
]


@pytest.mark.parametrize("mutation", TAKEN_AWAY)
async def test_a_missing_behaviour_is_noticed(
    mutation: Mutation, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, subject = BEHAVIOURS[mutation.noticed_by], SUBJECTS[mutation.channel]
    assert asked.needs(subject)
    monkeypatch.setattr("bot.handling.PAUSES", (0.0,) * 4)  # seconds before a step is tried again
    monkeypatch.setattr(mutation.target, mutation.change(mutation.original))
    with pytest.raises(AssertionError):
        async with open_bench(subject, tmp_path, quiet=asked.quiet) as here:
            await asked.check(here)
            assert len(here.subject.refused) <= here.forgiven


def test_every_channel_is_bitten() -> None:
    assert {each.channel for each in MUTATIONS} == SUBJECTS.keys()
