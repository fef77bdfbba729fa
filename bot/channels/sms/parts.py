"""Texts in the parts that a network carries: 160 letters of GSM-7, or 70 where one letter is not of it.

Source: 3GPP TS 23.038, 6.2.1 "GSM 7 bit Default Alphabet".
"""

from collections.abc import Iterator
from typing import Final

GSM_PART, UCS_PART = 160, 70  # septets; UTF-16 units
FRAME: Final = len("(99/99) ")  # what stands before a part of several: they may arrive in any order

_DOUBLE: Final = frozenset("^{}\\[~]|€")  # two septets each
_GSM: Final = _DOUBLE.union(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿",
    "abcdefghijklmnopqrstuvwxyzäöñüà",
)
_PLAIN: Final = str.maketrans("’‘“”–—•\t\u00a0", "''\"\"---  ") | {ord("…"): "..."}


def fits(text: str, spare: int = 0) -> bool:
    """Whether one part carries it, with ``spare`` letters more."""
    if _GSM.issuperset(text):
        return len(text) + sum(letter in _DOUBLE for letter in text) + spare <= GSM_PART
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + spare <= UCS_PART


def parts(text: str) -> list[str]:
    """The text in as few parts as can be, numbered where they are several; printers' marks made plain."""
    said = text.translate(_PLAIN).strip()
    cut = [said] if fits(said) else list(_cut(said))
    return cut if len(cut) == 1 else [f"({n}/{len(cut)}) {part}" for n, part in enumerate(cut, start=1)]


def _cut(text: str) -> Iterator[str]:
    """At a line's end or between words, where one stands in the second half of a part."""
    while text:
        whole = next(n for n in range(min(len(text), GSM_PART), 0, -1) if fits(text[:n], FRAME))
        places = (text.rfind("\n", whole // 2, whole), text.rfind(" ", whole // 2, whole))
        at = whole if whole == len(text) else next((place for place in places if place > 0), whole)
        yield text[:at].rstrip()
        text = text[at:].lstrip()
