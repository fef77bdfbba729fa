"""The table in docs/host.md: what was counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.foreign.compare import CHANNELS, Outcome
from tests.foreign.scripts import Step
from tests.foreign.sdists import ROOT

PAGE = ROOT / "docs" / "host.md"

#: (bot, channel, step) → why it differs.  A difference without a reason fails the test.
REASONS: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "quiz_scene",
        "messenger",
        "photo what",
    ): "Messenger has no captions: the words come as a message of their own, which is an answer",
    ("quiz_scene", "messenger", "taps 🚫 Exit"): "follows from it: one question more was answered",
}


class Unexplained(Exception):
    """A step differs, and nobody has said why."""


def table(outcomes: Mapping[str, Outcome]) -> str:
    """Rows in the order in which the bots ran.  Raises: Unexplained."""
    lines = ["| bot | WhatsApp | Messenger | web chat | Telegram |", "|---|---|---|---|---|"]
    for title, outcome in outcomes.items():
        lines.append(f"| `{title}` | " + " | ".join(_share(outcome, channel) for channel in CHANNELS) + " |")
    total = " | ".join(_total(outcomes.values(), channel) for channel in CHANNELS)
    lines += [f"| all | {total} |", "", "What differs, and why:", "", *_differences(outcomes)]
    return "\n".join(lines)


def _share(outcome: Outcome, channel: str) -> str:
    steps = outcome.steps.get(channel, 0)
    return f"{steps - len(outcome.differs.get(channel, ()))}/{steps}"


def _total(outcomes: Iterable[Outcome], channel: str) -> str:
    ran = list(outcomes)
    steps = sum(outcome.steps.get(channel, 0) for outcome in ran)
    return f"{steps - sum(len(outcome.differs.get(channel, ())) for outcome in ran)}/{steps}"


def _differences(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for title, outcome in outcomes.items():
        for channel, steps in outcome.differs.items():
            for step, _, _ in steps:
                yield f"- `{title}`, {channel}, *{step}*: {_reason(title, channel, step)}"


def _reason(title: str, channel: str, step: Step) -> str:
    try:
        return REASONS[title, channel, str(step)]
    except KeyError:
        raise Unexplained(title, channel, str(step)) from None
