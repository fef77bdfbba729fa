"""How words a person typed are compared with words we know."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """The text without regard to case, kind of letter width, and amount or kind of white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
