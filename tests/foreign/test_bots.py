"""aiogram's examples and aiogram_dialog's documentation, unmodified, on every channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.foreign.compare import CHANNELS, Outcome, compared
from tests.foreign.page import PAGE, table
from tests.foreign.scripts import SCRIPTS, Script

ENOUGH = 0.95  # of a channel's steps show what Telegram shows


class Outcomes:
    """What came of each bot, on either database; one that was not asked for yet is run when it counts."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Outcome] = {}

    async def of(self, script: Script, engine: str, url: str, folder: Path) -> Outcome:
        if (script.title, engine) not in self._known:
            self._known[(script.title, engine)] = await compared(script, folder, url)
        return self._known[(script.title, engine)]

    async def all_of(self, engine: str, url: str, folder: Path) -> dict[str, Outcome]:
        return {script.title: await self.of(script, engine, url, folder) for script in SCRIPTS}


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
async def test_a_bot_runs_unmodified_and_breaks_no_rule_of_any_platform(
    script: Script, outcomes: Outcomes, engine: str, database_url: str, tmp_path: Path
) -> None:
    outcome = await outcomes.of(script, engine, database_url, tmp_path)
    assert outcome.refused == []
    assert set(outcome.steps) == set(CHANNELS)
    assert "telegram" not in outcome.differs


async def test_people_see_on_every_channel_what_they_see_on_telegram(
    outcomes: Outcomes, engine: str, database_url: str, tmp_path: Path
) -> None:
    found = (await outcomes.all_of(engine, database_url, tmp_path)).values()
    for channel in CHANNELS:
        steps = sum(outcome.steps[channel] for outcome in found)
        differ = sum(len(outcome.differs.get(channel, ())) for outcome in found)
        assert (steps - differ) / steps >= ENOUGH, (channel, differ, steps)


async def test_the_page_says_how_many_steps_are_the_same_and_why_others_are_not(
    outcomes: Outcomes, engine: str, database_url: str, tmp_path: Path
) -> None:
    told = table(await outcomes.all_of(engine, database_url, tmp_path))
    assert told in PAGE.read_text(encoding="utf-8"), told
