"""Telegram's formatted text as WhatsApp writes it, or as plain text.

WhatsApp's marks have no escape: a name with ``_`` in it may come out slanted.  So no meaning may hang on a
mark, and a stretch that holds the mark itself goes without.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

from aiogram.client.default import Default
from aiogram.types import MessageEntity

BOLD, ITALIC, STRIKE, CODE, QUOTE = "bold", "italic", "strike", "code", "quote"

_MARKS: Final = {BOLD: "*", ITALIC: "_", STRIKE: "~", CODE: "`"}  # in the order in which they open
_TAGS: Final = {
    "b": BOLD, "strong": BOLD, "i": ITALIC, "em": ITALIC, "s": STRIKE, "strike": STRIKE, "del": STRIKE,
    "code": CODE, "pre": CODE, "blockquote": QUOTE,
}  # fmt: skip
_SILENT_TAGS: Final = frozenset({"u", "ins", "span", "tg-spoiler", "tg-emoji", "tg-time", "a"})
_ENTITIES: Final = {
    "bold": BOLD, "italic": ITALIC, "strikethrough": STRIKE, "code": CODE, "pre": CODE,
    "blockquote": QUOTE, "expandable_blockquote": QUOTE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    styles: frozenset[str] = frozenset()


def to_whatsapp(
    text: str, parse_mode: str | Default | None = None, entities: Sequence[MessageEntity] | None = None
) -> str:
    """``*bold* _italic_ ~struck~ `code` `` and ``> quoted``; a link as its words and its address."""
    lines = _lines(runs(text, parse_mode, entities))
    return "\n".join(_marked(line) for line in lines).strip()


def to_plain(
    text: str, parse_mode: str | Default | None = None, entities: Sequence[MessageEntity] | None = None
) -> str:
    """Nothing but the words, and the addresses of links."""
    return "".join(run.text for run in runs(text, parse_mode, entities)).strip()


def runs(
    text: str, parse_mode: str | Default | None = None, entities: Sequence[MessageEntity] | None = None
) -> list[Run]:
    """The text in stretches of one style.  ``entities`` win over ``parse_mode``, as at Telegram.

    Lenient: what Telegram would refuse (an unknown tag, an open mark) stays in the text as it was typed.
    """
    mode = parse_mode.lower() if isinstance(parse_mode, str) else ""
    if entities:
        return _of_entities(text, entities)
    if mode == "html":
        reader = _Html()
        reader.feed(text)
        reader.close()
        return reader.runs
    if mode in ("markdown", "markdownv2"):
        return list(_of_markdown(text))
    return [Run(text)]


def _link(words: str, address: str) -> str:
    """What to add behind the words of a link: nothing where they say the address already."""
    shown = address.startswith(("http://", "https://", "mailto:", "tel:"))
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return f" ({bare})" if shown and bare.rstrip("/") not in words else ""


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[Run] = []
        self._open: list[str] = []
        self._links: list[tuple[str, int]] = []  # address, and the run where its words begin

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.runs)))
        elif tag == "br":
            self._say("\n")
        elif tag in _TAGS:
            self._open.append(_TAGS[tag])
        elif tag not in _SILENT_TAGS:
            self._say(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            address, begin = self._links.pop()
            self._say(_link("".join(run.text for run in self.runs[begin:]), address))
        elif tag in _TAGS and _TAGS[tag] in self._open:
            self._open.reverse()
            self._open.remove(_TAGS[tag])
            self._open.reverse()
        elif tag not in _TAGS and tag not in _SILENT_TAGS:
            self._say(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def handle_comment(self, data: str) -> None:
        self._say(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._say(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self._say(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self._say(f"<![{data}]>")

    def _say(self, text: str) -> None:
        if text:
            self.runs.append(Run(text, frozenset(self._open)))


def _of_entities(text: str, entities: Sequence[MessageEntity]) -> list[Run]:
    """Offsets and lengths count UTF-16 units, as Telegram does."""
    units = text.encode("utf-16-le", "surrogatepass")
    ends = {e.offset for e in entities} | {e.offset + e.length for e in entities} | {0, len(units) // 2}
    cuts = sorted(end for end in ends if 0 <= end <= len(units) // 2)
    found: list[Run] = []
    for begin, end in pairwise(cuts):
        styles = {
            _ENTITIES[e.type]
            for e in entities
            if e.type in _ENTITIES and e.offset <= begin and end <= e.offset + e.length
        }
        found.append(Run(_units(units, begin, end), frozenset(styles)))
        for link in entities:
            if link.url and link.offset + link.length == end:
                found.append(Run(_link(_units(units, link.offset, end), link.url), frozenset(styles)))
    return found


def _units(units: bytes, begin: int, end: int) -> str:
    return units[2 * begin : 2 * end].decode("utf-16-le", "replace")


_MARKDOWN = re.compile(
    r"\\(?P<escaped>[\\_*\[\]()~`>#+\-=|{}.!])"
    r"|```(?:\w*\n)?(?P<pre>.*?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\[(?P<words>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    r"|(?P<mark>\|\||__|[*_~])",
    re.DOTALL,
)
_MARKDOWN_STYLES: Final = {"*": BOLD, "_": ITALIC, "~": STRIKE, "__": "", "||": ""}


def _of_markdown(text: str) -> Iterator[Run]:
    """Both of Telegram's Markdowns, as far as WhatsApp can show them.  A mark without its twin stays."""
    found = list(_MARKDOWN.finditer(text))
    marks = [m["mark"] for m in found if m["mark"]]
    lonely = {mark for mark in marks if marks.count(mark) % 2}
    styles: set[str] = set()
    at = 0
    for m in found:
        if m.start() > at:
            yield Run(text[at : m.start()], frozenset(styles))
        at = m.end()
        if m["mark"] in _MARKDOWN_STYLES and m["mark"] not in lonely:
            styles ^= {_MARKDOWN_STYLES[m["mark"]]} - {""}
        elif m["words"]:
            words = re.sub(r"\\(.)", r"\1", m["words"])
            yield Run(words + _link(words, m["url"]), frozenset(styles))
        elif m["pre"] is not None or m["code"]:
            yield Run(m["pre"] or m["code"] or "", frozenset(styles | {CODE}))
        else:
            yield Run(m["escaped"] or m[0], frozenset(styles))
    if at < len(text):
        yield Run(text[at:], frozenset(styles))


def _lines(stretches: Sequence[Run]) -> list[list[Run]]:
    """The runs line by line: WhatsApp's marks do not reach over a line's end."""
    lines: list[list[Run]] = [[]]
    for run in stretches:
        first, *rest = run.text.split("\n")
        lines[-1].append(Run(first, run.styles))
        lines.extend([Run(part, run.styles)] for part in rest)
    return lines


def _marked(line: Sequence[Run]) -> str:
    """One line with its marks hugging the words; they open and close like brackets."""
    said: list[str] = []
    opened: list[str] = []
    for run in _joined(line):
        while any(style not in run.styles for style in opened):
            _close(said, opened.pop())
        words = run.text.lstrip()
        fresh = [style for style in _MARKS if style in run.styles and style not in opened] if words else []
        said.append(run.text[: len(run.text) - len(words)])
        said += [_MARKS[style] for style in fresh]
        said.append(words)
        opened += fresh
    while opened:
        _close(said, opened.pop())
    quoted = any(QUOTE in run.styles for run in line)
    return ("> " if quoted else "") + "".join(said)


def _joined(line: Sequence[Run]) -> list[Run]:
    """Neighbours of one style as one run; a style whose mark stands in its own words is dropped."""
    joined: list[Run] = []
    for run in line:
        styles = frozenset(s for s in run.styles if _MARKS.get(s, "\n") not in run.text)
        if CODE in styles:
            styles = frozenset({CODE})  # inside code WhatsApp reads no other mark
        if joined and joined[-1].styles == styles:
            joined[-1] = Run(joined[-1].text + run.text, styles)
        else:
            joined.append(Run(run.text, styles))
    return [run for run in joined if run.text]


def _close(said: list[str], style: str) -> None:
    """Ends a style behind the last word, before the white space that follows it."""
    spoken = "".join(said)
    words = spoken.rstrip()
    said[:] = [words, _MARKS[style], spoken[len(words) :]]
