"""aiogram's examples and aiogram_dialog's documentation, unmodified, on every channel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.foreign.compare import CHANNELS, Outcome, compared
from tests.foreign.page import PAGE, table
from tests.foreign.scripts import SCRIPTS, Script

ENOUGH = 0.95  # of a channel's steps show what Telegram shows


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {}


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
async def test_a_bot_runs_unmodified_and_breaks_no_rule_of_any_platform(
    script: Script, outcomes: dict[str, Outcome], sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "loket.db")
    outcome = await compared(script, tmp_path, f"sqlite://{tmp_path / 'loket.db'}")
    outcomes[script.title] = outcome
    assert outcome.refused == []
    assert set(outcome.steps) == set(CHANNELS)
    assert "telegram" not in outcome.differs


def test_people_see_on_every_channel_what_they_see_on_telegram(outcomes: dict[str, Outcome]) -> None:
    _all_ran(outcomes)
    for channel in CHANNELS:
        steps = sum(outcome.steps[channel] for outcome in outcomes.values())
        differ = sum(len(outcome.differs.get(channel, ())) for outcome in outcomes.values())
        assert (steps - differ) / steps >= ENOUGH, (channel, differ, steps)


def test_the_page_says_how_many_steps_are_the_same_and_why_others_are_not(
    outcomes: dict[str, Outcome],
) -> None:
    _all_ran(outcomes)
    assert table(outcomes) in PAGE.read_text(encoding="utf-8"), table(outcomes)


def _all_ran(outcomes: dict[str, Outcome]) -> None:
    if len(outcomes) != len(SCRIPTS):
        pytest.skip("counts only after every bot has run")
