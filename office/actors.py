"""Who did it, in words: the journal's actors as people at the desk call them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from models.staff import Staff
from office.lifecycle import CLOCK
from office.words import plain

_STAFF = "staff:"


async def actor_words(actors: Collection[str]) -> Mapping[str, str]:
    """Each of ``contact:12``, ``staff:3`` and ``clock`` in words; staff by name, those who left too."""
    ids = [int(actor.removeprefix(_STAFF)) for actor in actors if actor.startswith(_STAFF)]
    names = {f"{_STAFF}{member.id}": member.name for member in await Staff.filter(id__in=ids)}
    return {actor: names.get(actor) or plain(_kind(actor)) for actor in actors}


def _kind(actor: str) -> str:
    return "operator-actor-clock" if actor == CLOCK else "operator-actor-citizen"
