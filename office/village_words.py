"""What a village head is told of a list, unasked: its sentence's name, and its facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.reading.words import LARGEST_TABLE, MOST_COLUMNS, MOST_ROWS
from office.batch_report import why
from office.context import office
from office.villages import Village, village
from office.words import grouped, plain

Told = tuple[str, dict[str, str]]

_MEGABYTE: Final = 1024**2


def form_of_address(home: Village, language: str | None = None) -> str:
    """``Kepala Desa`` or ``Lurah``."""
    return plain(f"village-head-{home.kind.value}", language)


def checked(facts: Mapping[str, Any], language: str) -> Told:
    """Row by row, and what can be chosen."""
    fit = int(facts["good"]) + int(facts["look"])
    parts = [
        _listed("refused", facts, language),
        _listed("look", facts, language),
        plain(
            "village-checked-choose" if fit else "village-checked-none",
            language,
            **_choice(facts, fit, language),
        ),
    ]
    return "village-checked", {
        **_about(facts, language),
        "rows": grouped(facts["rows"], language),
        **{name: grouped(facts[name], language) for name in ("good", "look", "refused")},
        "more": "\n\n".join(part for part in parts if part),
    }


def unfit(facts: Mapping[str, Any], language: str) -> Told:
    """The file as a whole was refused, and what to do about it."""
    about = facts["facts"]
    reason = plain(
        f"village-unfit-{facts['problem']}",
        language,
        count=grouped(about.get("count") or 0, language),
        most=grouped(MOST_ROWS, language),
        columns=", ".join(about.get("columns", ())),
        most_columns=MOST_COLUMNS,
        megabytes=LARGEST_TABLE // _MEGABYTE,
    )
    return "village-unfit", {**_about(facts, language), "reason": reason}


def batch(facts: Mapping[str, Any], language: str) -> Told:
    """Everything that was accepted is there."""
    counts = {name: grouped(facts[name], language) for name in ("made", "look", "refused")}
    return "village-batch", {**_about(facts, language), **counts}


def _about(facts: Mapping[str, Any], language: str) -> dict[str, str]:
    home = village(facts["village"])
    return {"batch": facts["batch"], "head": form_of_address(home, language), "village": home.title}


def _choice(facts: Mapping[str, Any], fit: int, language: str) -> dict[str, str]:
    return {
        "count": grouped(fit, language),
        "head": _about(facts, language)["head"],
        "office": office().office.short_name.in_language(language),
    }


def _listed(outcome: str, facts: Mapping[str, Any], language: str) -> str:
    """The first rows of an outcome, and how many more there are."""
    shown: Sequence[Sequence[Any]] = facts[f"{outcome}_rows"]
    if not shown:
        return ""
    lines = [
        plain("village-row", language, row=place, why=why(code, first, language))
        for place, code, first in shown
    ]
    if (further := int(facts[outcome]) - len(shown)) > 0:
        lines.append(plain("village-rows-more", language, count=grouped(further, language)))
    return "\n".join([plain(f"village-rows-{outcome}", language), *lines])
