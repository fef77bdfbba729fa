"""What happened to a request, one line each."""

import json
from collections.abc import Sequence

from handlers.operator.excerpt import excerpt
from handlers.operator.moments import moment
from models.requests import JournalEntry
from office.actors import actor_words
from office.catalogue import Service
from office.papers import EXTRA
from office.words import language, plain, say


async def journal_lines(entries: Sequence[JournalEntry], service: Service) -> list[str]:
    """In the order of the entries: when, what, which paper, its reason, where to, who."""
    who = await actor_words({entry.actor for entry in entries})
    return [
        say(
            "operator-journal-line",
            at=moment(entry.at),
            action=plain(f"operator-action-{entry.action}"),
            more=_more(entry, service),
            who=who[entry.actor],
        )
        for entry in entries
    ]


def _more(entry: JournalEntry, service: Service) -> str:
    detail = json.loads(entry.detail)
    reason = detail.get("reason")
    if entry.action == "hold":
        reason = plain(f"hold-{reason}")
    if verdict := detail.get("verdict"):
        reason = plain(f"operator-verdict-{verdict}")
    paper = _paper(detail.get("slot"), service)
    words = [paper + (":" if reason else "")] if paper else []
    words += [excerpt(str(reason), 60)] if reason else []
    if entry.after and entry.after != entry.before:
        words.append(f"→ {plain(f'state-{entry.after}')}")
    return "".join(f" {word}" for word in words)


def _paper(slot: str | None, service: Service) -> str | None:
    if slot is None:
        return None
    return (
        plain("operator-paper-extra") if slot == EXTRA else service.paper(slot).short.in_language(language())
    )
