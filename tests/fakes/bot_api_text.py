"""How Telegram reads formatted text: the plain text people see, or "can't parse entities".

Source: core.telegram.org/bots/api, "Formatting options"; errors worded as the Bot API server does.
Offsets in the errors are bytes. The entities themselves are not kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre"}
TAGS |= {"blockquote", "tg-emoji", "tg-time"}
TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*>")
ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
RESERVED = set("_*[]()~`>#+-=|{}.!")
MARKS = ("||", "__", "*", "_", "~")


class CannotParse(Exception):
    """The entities of a text cannot be parsed; the words are Telegram's."""


def plain(text: str, parse_mode: str) -> str:
    """The text as shown, outer white space gone.  Raises `CannotParse`."""
    readers: dict[str, Callable[[str], str]] = {
        "": str,
        "html": _html,
        "markdownv2": _markdown_v2,
        "markdown": _markdown,
    }
    read = readers.get(parse_mode.lower())
    if read is None:
        raise CannotParse("unsupported parse_mode")
    return read(text).strip()


def _offset(text: str, index: int) -> int:
    return len(text[:index].encode())


def _html(text: str) -> str:
    said: list[str] = []
    opened: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        if text[at] == "&" and (entity := ENTITY.match(text, at)):
            said.append(html.unescape(entity[0]))
            at = entity.end()
        elif text[at] == "<":
            tag = TAG.match(text, at)
            if tag is None:
                name = re.match(r"[^>\s]*", text[at + 1 :])[0]  # type: ignore[index]
                raise CannotParse(f'Unsupported start tag "{name}" at byte offset {_offset(text, at)}')
            _step(tag, opened, _offset(text, at))
            at = tag.end()
        else:
            said.append(text[at])
            at += 1
    if opened:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    return "".join(said)


def _step(tag: re.Match[str], opened: list[tuple[str, int]], offset: int) -> None:
    closes, name = bool(tag[1]), tag[2].lower()
    if not closes:
        if name not in TAGS or (name == "span" and "tg-spoiler" not in tag[3]):
            raise CannotParse(f'Unsupported start tag "{name}" at byte offset {offset}')
        opened.append((name, offset))
    elif not opened:
        raise CannotParse(f"Unexpected end tag at byte offset {offset}")
    elif name not in ("", opened.pop()[0]):
        raise CannotParse(f'Unmatched end tag at byte offset {offset}, found "</{name}>"')


def _markdown_v2(text: str) -> str:
    said: list[str] = []
    opened: list[str] = []
    at = 0
    while at < len(text):
        mark = next((mark for mark in MARKS if text.startswith(mark, at)), "")
        if text[at] == "\\" and at + 1 < len(text):
            said.append(text[at + 1])
            at += 2
        elif text[at] == "`":
            at = _code(text, at, said)
        elif mark:
            opened.pop() if opened and opened[-1] == mark else opened.append(mark)
            at += len(mark)
        elif text[at] == "[":
            opened.append("[")
            at += 1
        elif text[at] == "]" and opened and opened[-1] == "[":
            opened.pop()
            at = _skip_link(text, at + 1)
        elif text[at] == ">" and (at == 0 or text[at - 1] == "\n"):
            at += 1  # a quotation
        elif text[at] in RESERVED:
            raise CannotParse(
                f"Character '{text[at]}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            said.append(text[at])
            at += 1
    if opened:
        raise CannotParse(f"Can't find end of the entity '{opened[-1]}'")
    return "".join(said)


def _code(text: str, at: int, said: list[str]) -> int:
    fence = "```" if text.startswith("```", at) else "`"
    end = text.find(fence, at + len(fence))
    if end < 0:
        raise CannotParse(f"Can't find end of Code entity at byte offset {_offset(text, at)}")
    said.append(text[at + len(fence) : end])
    return end + len(fence)


def _skip_link(text: str, at: int) -> int:
    if not text.startswith("(", at):
        return at
    end = text.find(")", at)
    if end < 0:
        raise CannotParse(f"Can't find end of a URL at byte offset {_offset(text, at)}")
    return end + 1


def _markdown(text: str) -> str:
    """The old mode: * _ ` and [ open an entity that must be closed; a backslash escapes them."""
    said: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in tuple("*_`["):
            said.append(text[at + 1])
            at += 2
        elif text[at] in "*_`[":
            closing = "]" if text[at] == "[" else text[at]
            end = text.find(closing, at + 1)
            if end < 0:
                offset = _offset(text, at)
                raise CannotParse(f"Can't find end of the entity starting at byte offset {offset}")
            said.append(text[at + 1 : end])
            at = _skip_link(text, end + 1) if closing == "]" else end + 1
        else:
            said.append(text[at])
            at += 1
    return "".join(said)
