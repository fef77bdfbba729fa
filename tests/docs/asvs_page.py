"""docs/asvs.md, made from docs/asvs.yaml: `make docs` writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "asvs.yaml"
PAGE = ROOT / "docs" / "asvs.md"
WORDS = {"met": "met", "partly": "partly", "not_met": "**not met**", "not_applicable": "not applicable"}
CHAPTERS = {
    "V1": "Encoding and sanitization",
    "V2": "Validation and business logic",
    "V3": "Web frontend",
    "V4": "API and web service",
    "V5": "File handling",
    "V6": "Authentication",
    "V7": "Session management",
    "V8": "Authorization",
    "V9": "Self-contained tokens",
    "V10": "OAuth and OIDC",
    "V11": "Cryptography",
    "V12": "Secure communication",
    "V13": "Configuration",
    "V14": "Data protection",
    "V15": "Secure coding and architecture",
    "V16": "Logging and error handling",
    "V17": "WebRTC",
}
HEAD = """# ASVS 5.0: what holds, and what shows it

Made from [asvs.yaml](asvs.yaml) by `make docs`; do not edit. Every requirement of levels 1 and 2 of OWASP's
Application Security Verification Standard 5.0.0 stands here once, and a few of level 3. A test fails when one
lacks, or names a test that is not there. Nobody but ourselves has judged it.

Numbers and levels: © The OWASP Foundation, [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/),
as is this page; the titles are ours and say less than [the standard](https://github.com/OWASP/ASVS). *Partly*
says what lacks; *not applicable* is so today.
"""

Row = Mapping[str, Any]


@cache
def data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


def page() -> str:
    """The page as it should be."""
    rows: list[Row] = data()["requirements"]
    parts = [HEAD, _summary(rows)]
    for chapter, name in CHAPTERS.items():
        mine = [row for row in rows if row["id"].split(".")[0] == chapter]
        parts.append(
            f"## {chapter} {name}\n\n| | level | | status | shown by, or why |\n|---|---|---|---|---|"
        )
        parts[-1] += "".join(f"\n{_line(row)}" for row in mine) + "\n"
    return "\n".join(parts)


def _summary(rows: Iterable[Row]) -> str:
    counted = Counter((row["level"], row["status"]) for row in rows)
    lines = [
        "| level | " + " | ".join(word.strip("*") for word in WORDS.values()) + " |",
        "|---|" + "---|" * len(WORDS),
    ]
    lines += [
        f"| {level} | " + " | ".join(str(counted[level, one]) for one in WORDS) + " |" for level in (1, 2, 3)
    ]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    cells = [row["id"], str(row["level"]), row["title"], WORDS[row["status"]], "<br>".join(_shown(row))]
    return f"| {' | '.join(cells)} |"


def _shown(row: Row) -> Iterator[str]:
    for test in row.get("tests", ()):
        path, _, name = test.partition("::")
        yield f"[{name}](../{path})"
    if "why" in row:
        yield (
            row["why"]
            .replace("docs/known-gaps.md", "[known gaps](known-gaps.md)")
            .replace("docs/security.md", "[security](security.md)")
        )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
