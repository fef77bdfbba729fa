"""What happened to a request, one line each."""

import json
from collections.abc import Sequence

from handlers.operator.excerpt import excerpt
from handlers.operator.moments import moment
from models.requests import JournalEntry
from office.actors import actor_words
from office.words import plain, say


async def journal_lines(entries: Sequence[JournalEntry]) -> list[str]:
    """In the order of the entries: when, what, its reason, where to, who."""
    who = await actor_words({entry.actor for entry in entries})
    return [
        say(
            "operator-journal-line",
            at=moment(entry.at),
            action=plain(f"operator-action-{entry.action}"),
            more=_more(entry),
            who=who[entry.actor],
        )
        for entry in entries
    ]


def _more(entry: JournalEntry) -> str:
    reason = json.loads(entry.detail).get("reason")
    if entry.action == "hold":
        reason = plain(f"hold-{reason}")
    words = [excerpt(str(reason), 60)] if reason else []
    if entry.after and entry.after != entry.before:
        words.append(f"→ {plain(f'state-{entry.after}')}")
    return "".join(f" {word}" for word in words)
