"""Formatted text as HTML that a page may insert: a handful of tags and escaped words, nothing else.

What comes in is not trusted: a handler may have forgotten to escape a name.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration

from bot.channels.markup import to_plain

TAGS: Final[Mapping[str, str]] = {
    # Telegram's tag -> ours
    "b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s",
    "code": "code", "pre": "code", "a": "a",
}  # fmt: skip
_DROPPED: Final = frozenset({"span", "tg-spoiler", "tg-emoji", "tg-time", "blockquote"})  # their words stay
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9-]*)(?P<rest>(?:\s[^<>]*)?)>")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)


def of(text: str, parse_mode: str | None, entities: Sequence[Mapping[str, Any]] | None) -> str:
    """The HTML of a text as a method carries it; ``entities`` win over ``parse_mode``, as at Telegram."""
    if entities:
        return safe(html_decoration.unparse(text, [MessageEntity.model_validate(e) for e in entities]))
    mode = (parse_mode or "").lower()
    if mode == "html":
        return safe(text)
    return plain(to_plain(text, parse_mode) if mode.startswith("markdown") else text)


def plain(text: str) -> str:
    """Words without any markup; web addresses can be followed."""
    return "".join(_linked(text))


def safe(text: str) -> str:
    """Telegram's HTML with only the tags of `TAGS`, well nested; every other ``<`` stays as it was typed."""
    out: list[str] = []
    opened: list[str] = []
    at = 0
    for tag in _TAG.finditer(text):
        out.append(_words(text[at : tag.start()], "a" in opened or "code" in opened))
        at = tag.end()
        name = tag["name"].lower()
        if name in TAGS:
            out += _close(opened, TAGS[name]) if tag["end"] else _open(opened, TAGS[name], tag["rest"])
        elif name not in _DROPPED:
            out.append(html.escape(tag[0]))
    out.append(_words(text[at:], "a" in opened or "code" in opened))
    out += [f"</{name}>" for name in reversed(opened)]
    return "".join(out)


def _open(opened: list[str], name: str, rest: str) -> list[str]:
    if name in opened:
        return []
    if name != "a":
        opened.append(name)
        return [f"<{name}>"]
    found = _HREF.search(rest)
    address = html.unescape((found[1] or found[2] or "") if found else "")
    if not leads_to_the_web(address):
        return []
    opened.append(name)
    return [_anchor(address)]


def _close(opened: list[str], name: str) -> Iterator[str]:
    """Ends the tag; those opened inside it end with it and begin again, a link excepted."""
    if name not in opened:
        return
    inner: list[str] = []
    while (last := opened.pop()) != name:
        yield f"</{last}>"
        inner.insert(0, last)
    yield f"</{name}>"
    for again in inner:
        if again != "a":
            opened.append(again)
            yield f"<{again}>"


def _words(text: str, inside: bool) -> str:
    """Text between tags: its character references are read, then everything is escaped."""
    said = html.unescape(text)
    return html.escape(said) if inside else plain(said)


def _linked(text: str) -> Iterator[str]:
    at = 0
    for found in _ADDRESS.finditer(text):
        yield html.escape(text[at : found.start()])
        words = html.escape(found[0])
        yield f"{_anchor(found[0])}{words}</a>" if leads_to_the_web(found[0]) else words
        at = found.end()
    yield html.escape(text[at:])


def _anchor(address: str) -> str:
    return f'<a href="{html.escape(address)}" target="_blank" rel="noopener noreferrer nofollow">'


def leads_to_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.netloc)
        and address.isprintable()
        and " " not in address
    )
