"""How Telegram reads formatted text: the plain text people see and its entities, or "can't parse entities".

Source: Telegram, Bot API, "Formatting options"; errors worded as the Bot API server does.
Offsets in the errors are bytes, offsets and lengths of entities UTF-16 units.  Quotations of MarkdownV2 are
read, and not marked.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "",  # for bots without Premium the plain emoji
    "tg-time": "",
}
TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*>")
LINK = re.compile(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
RESERVED = set("_*[]()~`>#+-=|{}.!")
MARKS = {"||": "spoiler", "__": "underline", "*": "bold", "_": "italic", "~": "strikethrough"}
OLD_MARKS = {"*": "bold", "_": "italic", "`": "code", "[": "text_link"}
INNERMOST = ("bold", "italic", "underline", "strikethrough", "spoiler")
KNOWN_ENTITIES = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold"}
KNOWN_ENTITIES |= {"italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"}
KNOWN_ENTITIES |= {"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"}
FOUND_BY_TELEGRAM = (  # what is marked without having been asked for
    ("url", re.compile(r"https?://[^\s<>]+")),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{4,31}")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")),
    ("hashtag", re.compile(r"(?<![\w#])#[^\W\d]\w*")),
)


class CannotParse(Exception):
    """The entities of a text cannot be parsed; the words are Telegram's."""


def units(text: str) -> int:
    """UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Said:
    """What has been read so far.  ``opened``: marks that wait for their end, with what they mean."""

    parts: list[str] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)
    opened: list[tuple[str, Json]] = field(default_factory=list)
    at: int = 0  # UTF-16 units

    def says(self, text: str) -> None:
        self.parts.append(text)
        self.at += units(text)

    def opens(self, mark: str, meaning: Json) -> None:
        self.opened.append((mark, meaning | {"offset": self.at}))

    def closes(self, **more: str) -> str:
        mark, entity = self.opened.pop()
        self.marks(entity | more, self.at - entity["offset"])
        return mark

    def marks(self, entity: Json, length: int) -> None:
        if length and entity["type"] and (entity["type"] != "text_link" or entity.get("url")):
            self.entities.append(entity | {"length": length})


def formatted(text: str, parse_mode: str) -> tuple[str, list[Json]]:
    """The text as shown, outer white space gone, and its entities.  Raises `CannotParse`."""
    readers: dict[str, Callable[[str, Said], None]] = {
        "": lambda text, said: said.says(text),
        "html": _html,
        "markdownv2": _markdown_v2,
        "markdown": _markdown,
    }
    read = readers.get(parse_mode.lower())
    if read is None:
        raise CannotParse("unsupported parse_mode")
    said = Said()
    read(text, said)
    return trimmed("".join(said.parts), said.entities)


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without outer white space; the entities moved along, with those that Telegram finds by itself."""
    shown, lead = text.strip(), units(text) - units(text.lstrip())
    kept = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, units(shown))
        if end > start:
            kept.append(entity | {"offset": start, "length": end - start})
    opaque = [entity for entity in kept if entity["type"] in ("code", "pre", "text_link")]
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in opaque]
    for kind, pattern in FOUND_BY_TELEGRAM:
        for found in pattern.finditer(shown):
            start, length = units(shown[: found.start()]), units(found[0])
            if not any(start < stop and begin < start + length for begin, stop in taken):
                taken.append((start, start + length))
                kept.append({"type": kind, "offset": start, "length": length})
    return shown, sorted(
        kept, key=lambda entity: (entity["offset"], -entity["length"], _rank(entity["type"]))
    )


def _rank(kind: str) -> int:
    """Of marks on the same words, which Telegram names first."""
    return INNERMOST.index(kind) if kind in INNERMOST else -1


def _offset(text: str, index: int) -> int:
    return len(text[:index].encode())


def _html(text: str, said: Said) -> None:
    at = 0
    while at < len(text):
        if text[at] == "&" and (entity := ENTITY.match(text, at)):
            said.says(html.unescape(entity[0]))
            at = entity.end()
        elif text[at] == "<":
            tag = TAG.match(text, at)
            if tag is None:
                name = re.match(r"[^>\s]*", text[at + 1 :])[0]  # type: ignore[index]
                raise CannotParse(f'Unsupported start tag "{name}" at byte offset {_offset(text, at)}')
            _step(tag, said, _offset(text, at))
            at = tag.end()
        else:
            said.says(text[at])
            at += 1
    if said.opened:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{said.opened[-1][0]}"')


def _step(tag: re.Match[str], said: Said, offset: int) -> None:
    closes, name = bool(tag[1]), tag[2].lower()
    if not closes:
        if name not in TAGS or (name == "span" and "tg-spoiler" not in tag[3]):
            raise CannotParse(f'Unsupported start tag "{name}" at byte offset {offset}')
        meaning: Json = {"type": TAGS[name]}
        if name == "a" and (link := LINK.search(tag[3])):
            meaning["url"] = html.unescape(link[1] or link[2] or link[3] or "")
        said.opens(name, meaning)
    elif not said.opened:
        raise CannotParse(f"Unexpected end tag at byte offset {offset}")
    elif name not in ("", said.closes()):
        raise CannotParse(f'Unmatched end tag at byte offset {offset}, found "</{name}>"')


def _markdown_v2(text: str, said: Said) -> None:
    at = 0
    while at < len(text):
        mark = next((mark for mark in MARKS if text.startswith(mark, at)), "")
        if text[at] == "\\" and at + 1 < len(text):
            said.says(text[at + 1])
            at += 2
        elif text[at] == "`":
            at = _code(text, at, said)
        elif mark:
            if said.opened and said.opened[-1][0] == mark:
                said.closes()
            else:
                said.opens(mark, {"type": MARKS[mark]})
            at += len(mark)
        elif text[at] == "[":
            said.opens("[", {"type": "text_link"})
            at += 1
        elif text[at] == "]" and said.opened and said.opened[-1][0] == "[":
            url, at = _link(text, at + 1)
            said.closes(url=url)
        elif text[at] == ">" and (at == 0 or text[at - 1] == "\n"):
            at += 1  # a quotation
        elif text[at] in RESERVED:
            raise CannotParse(
                f"Character '{text[at]}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            said.says(text[at])
            at += 1
    if said.opened:
        raise CannotParse(f"Can't find end of the entity '{said.opened[-1][0]}'")


def _code(text: str, at: int, said: Said) -> int:
    fence = "```" if text.startswith("```", at) else "`"
    end = text.find(fence, at + len(fence))
    if end < 0:
        raise CannotParse(f"Can't find end of Code entity at byte offset {_offset(text, at)}")
    inner, meaning = text[at + len(fence) : end], {"type": "code" if fence == "`" else "pre"}
    if fence == "```" and (language := re.match(r"(\w*)\n", inner)):
        inner = inner[language.end() :]
        meaning |= {"language": language[1]} if language[1] else {}
    said.marks(meaning | {"offset": said.at}, units(inner))
    said.says(inner)
    return end + len(fence)


def _link(text: str, at: int) -> tuple[str, int]:
    """The address in parentheses (empty where there is none) and the place behind it."""
    if not text.startswith("(", at):
        return "", at
    end = text.find(")", at)
    if end < 0:
        raise CannotParse(f"Can't find end of a URL at byte offset {_offset(text, at)}")
    return text[at + 1 : end], end + 1


def _markdown(text: str, said: Said) -> None:
    """The old mode: * _ ` and [ open an entity that must be closed; a backslash escapes them."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in tuple("*_`["):
            said.says(text[at + 1])
            at += 2
        elif text[at] in OLD_MARKS:
            closing = "]" if text[at] == "[" else text[at]
            end = text.find(closing, at + 1)
            if end < 0:
                offset = _offset(text, at)
                raise CannotParse(f"Can't find end of the entity starting at byte offset {offset}")
            inner, meaning = text[at + 1 : end], {"type": OLD_MARKS[text[at]], "offset": said.at}
            said.says(inner)
            at = end + 1
            if closing == "]":
                meaning["url"], at = _link(text, at)
            said.marks(meaning, units(inner))
        else:
            said.says(text[at])
            at += 1
