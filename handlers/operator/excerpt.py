"""Texts of people, cut to what a line holds."""

from typing import Final

LONGEST: Final = 200  # characters


def excerpt(text: str, longest: int = LONGEST) -> str:
    """The text on one line, with an ellipsis where it goes on."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
