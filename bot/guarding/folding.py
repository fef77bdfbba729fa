"""Text as a person sees it, whatever it is made of: tags, invisible characters, letters of other scripts."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_TAG: Final = re.compile(r"<[^<>]*>")
_DOTS: Final = str.maketrans(dict.fromkeys("。｡．․﹒", "."))
_LOOKALIKES: Final = str.maketrans(
    "АВЕІЈКМНОРСТХУаеіјорсхуԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧοι",
    "ABEIJKMHOPCTXYaeijopcxydABEZHIKMNOPTYXoi",
)  # Cyrillic and Greek -> Latin


def folded(text: str, between: str = "") -> str:
    """One spelling of each character, without those that nobody sees; ``between`` stands in their place."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    return "".join(between if _unseen(c) else c for c in plain)


def latin(text: str) -> str:
    """Letters that look like Latin ones as those.  For words alone: a host is not the one it looks like."""
    return text if text.isascii() else text.translate(_LOOKALIKES)


def faces(text: str) -> set[str]:
    """Every way the text may be seen: as it stands, as HTML, with the unseen joined or parted."""
    seen = {text}
    if "<" in text or "&" in text:
        seen |= {html.unescape(_TAG.sub("", text)), html.unescape(_TAG.sub(" ", text)), html.unescape(text)}
    return {folded(one, between) for one in seen for between in ("", " ")}


def _unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or character in _MARKS


_MARKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
