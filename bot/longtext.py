"""Texts longer than a message holds, cut where a reader would."""

import re

LONGEST = 4096  # characters of one message: what the most generous channels take

_TAG = re.compile(r"<(/?)(b|i|u|s|code|pre)>")
_WHOLE = re.compile(r"<[^<>]*>|&#?\w+;")
_WIDEST = 64  # characters of a tag or entity that a cut steps back from


def pieces(text: str, limit: int) -> list[str]:
    """``text`` in parts of at most ``limit`` characters, cut at line ends where possible.

    A simple HTML tag open at a cut is closed there and opened again in the next part.
    """
    room = limit - 32  # for the tags that a cut closes and opens
    parts: list[str] = []
    rest = text
    while len(rest) > limit:
        cut = rest.rfind("\n", room // 2, room)
        if cut < 0:
            cut = rest.rfind(" ", room // 2, room)
        if cut < 0:
            cut = _not_within(rest, room)
        head, rest = rest[:cut], rest[cut:].lstrip("\n")
        open_tags = _open_tags(head)
        parts.append(head + "".join(f"</{tag}>" for tag in reversed(open_tags)))
        rest = "".join(f"<{tag}>" for tag in open_tags) + rest
    return [*parts, rest]


def _not_within(text: str, cut: int) -> int:
    """The place itself, or the beginning of the tag or entity in whose middle it lies."""
    within = next(
        (m for m in _WHOLE.finditer(text, max(0, cut - _WIDEST), cut + _WIDEST) if m.end() > cut), None
    )
    return within.start() if within is not None and 0 < within.start() < cut else cut


def _open_tags(text: str) -> list[str]:
    stack: list[str] = []
    for closing, tag in _TAG.findall(text):
        if not closing:
            stack.append(tag)
        elif tag in stack:
            stack.remove(tag)
    return stack
