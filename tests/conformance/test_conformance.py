"""Every channel does what any channel has to do."""

from pathlib import Path

import pytest

from tests.conformance.bench import open_bench
from tests.conformance.checks import BEHAVIOURS, Behaviour
from tests.conformance.subject import Subject, subjects

SUBJECTS = subjects()
ASKED = [
    pytest.param(subject, asked, id=f"{name}: {asked.name}")
    for name, subject in sorted(SUBJECTS.items())
    for asked in BEHAVIOURS.values()
    if asked.needs(subject)
]


@pytest.mark.parametrize(("subject", "asked"), ASKED)
async def test_a_channel_behaves(
    subject: type[Subject], asked: Behaviour, database: str, tmp_path: Path
) -> None:
    async with open_bench(subject, tmp_path, quiet=asked.quiet) as here:
        await asked.check(here)
        assert len(here.subject.refused) <= here.forgiven, here.subject.refused
