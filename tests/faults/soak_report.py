"""The soak's figures, as the section of docs/reliability.md that is written by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from tests.faults.servers import ROOT

PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- soak: written by `make soak` -->", "<!-- /soak -->"
Line = dict[str, Any]

COLUMNS: Final = {
    "ordeals": len,
    "kills": lambda lines: total(lines, "kills"),
    "messages acknowledged": lambda lines: total(lines, "messages"),
    "notices": lambda lines: total(lines, "notices"),
    "messages sent": lambda lines: total(lines, "sent"),
    "invariants broken": lambda lines: sum(len(line["findings"]) for line in lines),
    "`unknown` on WhatsApp and Messenger": lambda lines: total(lines, "unknown"),
    "… of them accepted by the provider": lambda lines: total(lines, "unknown_accepted"),
    "… resolved by machine": lambda lines: total(lines, "unknown_resolved"),
    "`unknown` on Telegram": lambda lines: total(lines, "unknown_without_key"),
    "`unknown` left for staff, all channels": lambda lines: total(lines, "unknown_left"),
}


def total(lines: Sequence[Line], name: str) -> int:
    return sum(line[name] for line in lines)


def section(lines: Sequence[Line]) -> str:
    """What stands between the marks."""
    kinds = sorted({line["plan"]["database"] for line in lines})
    of = {kind: [line for line in lines if line["plan"]["database"] == kind] for kind in kinds} | {
        "both": lines
    }
    table = [f"| | {' | '.join(of)} |", f"|---|{'---:|' * len(of)}"]
    table += [
        f"| {name} | {' | '.join(f'{count(some):,}' for some in of.values())} |"
        for name, count in COLUMNS.items()
    ]
    where: Counter[str] = Counter()
    for line in lines:
        where.update(line["at"])
    seeds = sorted(line["plan"]["seed"] for line in lines)
    said = [
        f"Seeds {seeds[0]} to {seeds[-1]}, commits {', '.join(sorted({line['commit'] for line in lines}))}, "
        f"{total(lines, 'seconds') / 60:.0f} minutes.",
        "",
        *table,
        "",
        "Killed at: " + ", ".join(f"{place} {times}" for place, times in where.most_common()) + ".",
    ]
    said += [f"- seed {line['plan']['seed']}: {found}" for line in lines for found in line["findings"]]
    return "\n".join(said)


def write(lines: Sequence[Line]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{section(lines)}\n\n{END}{after}", encoding="utf-8")
