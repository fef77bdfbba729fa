"""Text as a person sees it, whatever it is made of: tags, invisible characters, letters of other scripts."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_TAG: Final = re.compile(r"<[^<>]*>")
_UNSEEN: Final = re.compile(  # Unicode's format characters, marks and fillers
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]"
    "|[\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)
_LOOKALIKES: Final = str.maketrans(
    "АВЕІЈКМНОРСТХУаеіјорсхуԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧοι",
    "ABEIJKMHOPCTXYaeijopcxydABEZHIKMNOPTYXoi",
)  # Cyrillic and Greek -> Latin


def folded(text: str, between: str = "") -> str:
    """One spelling of each character, without those that nobody sees; ``between`` stands in their place."""
    return _UNSEEN.sub(between, _plain(text))


def latin(text: str) -> str:
    """Letters that look like Latin ones as those.  For words alone: a host is not the one it looks like."""
    return text if text.isascii() else text.translate(_LOOKALIKES)


def faces(text: str) -> set[str]:
    """Every way the text may be seen: as it stands, as HTML, with the unseen joined or parted."""
    seen = {text}
    if "<" in text or "&" in text:
        seen |= {html.unescape(_TAG.sub("", text)), html.unescape(_TAG.sub(" ", text)), html.unescape(text)}
    return {_UNSEEN.sub(between, one) for one in map(_plain, seen) for between in ("", " ")}


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).replace("。", ".")
