"""Links in a text: whatever a phone would make one of, and the ways of writing one that it would not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.guarding.folding import folded

_COMMON: Final = (
    "com|net|org|edu|gov|mil|int|info|biz|name|pro|mobi|asia|xyz|top|site|online|store|shop|app|dev|page|web|"
    "link|click|live|life|club|vip|win|bid|loan|work|world|today|space|website|host|cloud|icu|cyou|cfd|sbs|"
    "bond|buzz|fun|lol|monster|quest|rest|best|digital|email|group|help|ink|news|one|support|tech|team|tools|"
    "zone|agency|apk|zip|mov|bet|art|blog|chat|games|media|network|plus|press|run|sale|services|social|"
    "solutions|studio|systems|video|wiki|finance|fund|money|cash|credit|bank|pay|gift|promo|study|school|guru|"
    "lat|cam|date|download|men|party|review|science|stream|trade|webcam|ltd|llc|inc|center|company|express|exchange|"
    "global|guide|market|marketing|watch|works|beauty|mom|homes|bio|eco|law|legal|doctor|health|kids|baby|now|photo|"
    "pics|pub|rip|rocks|tax|tel|travel|uno|city|house|rent|loans|capital|gold|ninja|wtf|moe|red|blue|pink|black|vegas"
)
_COUNTRIES: Final = (
    "ac|ad|ae|af|ag|ai|al|am|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bm|bn|bo|br|bs|bt|bw|by|bz|"
    "ca|cc|cd|cf|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cv|cw|cx|cy|cz|de|dj|dk|dm|do|dz|ec|ee|eg|er|es|et|eu|fi|fj|fk|"
    "fm|fo|fr|ga|gd|ge|gf|gg|gh|gi|gl|gm|gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|io|iq|ir|"
    "is|it|je|jm|jo|jp|ke|kg|kh|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|mg|mh|mk|"
    "ml|mm|mn|mo|mp|mq|mr|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|nf|ng|ni|nl|no|np|nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|"
    "pm|pn|pr|ps|pt|pw|py|qa|re|ro|rs|ru|rw|sa|sb|sc|sd|se|sg|sh|si|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|"
    "td|tf|tg|th|tj|tk|tl|tm|tn|to|tr|tt|tv|tw|tz|ua|ug|uk|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|zm|zw"
)
_APART: Final = f"{_COMMON}|id|ly|me|my|io|cc|gg|gl|tk|ml|ga|cf|gq|co|gd|im|sh|tv|ws"  # with blanks around

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_SCHEME: Final = re.compile(
    r"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]{0,30}://\S*|"
    r"(?:mailto|javascript|vbscript|intent|market|tg|\w{2,12}app(?=:send)):(?=\S)\S+|"
    r"(?:tel|[a-z]ms(?:to)?|geo|fb-\w+):(?=[+\d/])\S+|data:[a-z]+/\S+)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    rf"(?<![\w@.•-])(?P<host>(?:{_LABEL}\.)+(?:{_COMMON}|{_COUNTRIES}|xn--[a-z0-9-]+))(?![\w-])"
    r"(?P<path>(?::\d+)?[/?#]\S*|:\d+)?",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(rf"(?<=[\w.+-])@(?P<host>(?:{_LABEL}\.)+[^\W\d_]{{2,24}})", re.IGNORECASE)
_NUMERIC: Final = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)[:/]\S+"
)
_SPELT: Final = re.compile(
    rf"\b(?P<label>{_LABEL})(?:\s+\.\s*|\s*\.\s+(?=(?:{_APART})/)|\s*\(\s*(?:dot|titik|\.)\s*\)\s*|"
    rf"\s+(?:dot|titik)\s+)(?P<tld>{_APART})\b(?:/\S*)?",
    re.IGNORECASE,
)
_HINTS: Final = (  # looked for first: hardly any sentence has one
    (re.compile(r":\S"), (_SCHEME,)),
    (re.compile(r"@"), (_MAIL,)),
    (re.compile(r"\d\.\d+\.\d+\.\d+[:/]"), (_NUMERIC,)),
    (re.compile(r"\w\.[^\W\d_]"), (_BARE,)),
    (re.compile(rf"\s\.\s*\w|\.\s+(?:{_APART})/|\(\s*\.|\bdot\b|\btitik\b", re.IGNORECASE), (_SPELT,)),
)

_PROGRAM: Final = frozenset({"run.py"})  # what the desk is told to have run
_TINY: Final = frozenset(
    {"t.me", "m.me", "s.id", "x.com", "t.co", "t.ly", "g.co", "j.mp", "v.gd", "v.ht", "u.to"}
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where a message may lead.

    ``hosts``: in small letters, with a port where it is not the usual one; by http, https or nothing in
    front.  ``pages``: whole addresses without scheme, such as ``wa.me/6281…``; a query may follow.
    """

    hosts: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()

    def leads_home(self, link: str) -> bool:
        scheme, mark, rest = link.partition("://")
        if not mark:
            rest = link
        elif scheme.lower() not in ("http", "https") or "://" in rest:
            return False
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        if re.search(r"[^a-z0-9.:-]", authority, re.IGNORECASE):
            return False
        if authority.lower().rstrip(".") in self.hosts:
            return True
        page = rest.lower().removeprefix("www.").rstrip(".,;)")
        return any(page == one or re.match(rf"{re.escape(one)}[?&]", page) for one in self.pages)


NOWHERE: Final = Allowed()


@dataclass(frozen=True, slots=True)
class Link:
    start: int
    end: int
    shown: str


def links(seen: str, allowed: Allowed = NOWHERE) -> Iterator[Link]:
    """Those that lead elsewhere, in a text that is folded.  One place may be found twice."""
    rest = seen
    for pattern in [one for hint, some in _HINTS if hint.search(seen) for one in some]:
        taken = []
        for found in pattern.finditer(rest):
            if not _is_one(pattern, found):
                continue
            taken.append(found.span())
            target = found["host"] if pattern is _MAIL else found.group()
            if not allowed.leads_home(target):
                yield Link(*found.span(), found.group())
        for start, end in taken:  # what was understood is not looked at again
            rest = rest[:start] + " " * (end - start) + rest[end:]


def unlinked(text: str, allowed: Allowed = NOWHERE) -> str:
    """The text with every link that leads elsewhere broken visibly: ``bit[.]ly/x``.  Others stay."""
    for _ in range(_ROUNDS):
        seen = folded(text)
        found = next(links(seen, allowed), None) or next(links(folded(text, " "), allowed), None)
        if found is None:
            return text
        text = _broken(seen, allowed)
    return re.sub(r"[.:@]", " ", text)


def dots_broken(words: str) -> str:
    """Every dot that is spelt out, visibly no dot of an address: ``bit [titik] ly``."""
    return _SPELT_DOT.sub(r"[\1]", words)


_ROUNDS: Final = 4
_SPELT_DOT: Final = re.compile(r"\(?\b(dot|titik)\b\)?", re.IGNORECASE)


def _broken(seen: str, allowed: Allowed) -> str:
    """Their ends first, so that places stay."""
    for one in sorted(links(seen, allowed), key=lambda link: -link.start):
        part = seen[one.start : one.end]
        for mark in (".", ":", "@"):
            part = part.replace(f"[{mark}]", mark).replace(mark, f"[{mark}]")
        seen = seen[: one.start] + dots_broken(part) + seen[one.end :]
    return seen


def _is_one(pattern: re.Pattern[str], found: re.Match[str]) -> bool:
    if pattern is not _BARE:
        return True
    host = found["host"].lower()
    if host in _PROGRAM and not found["path"]:
        return False
    *_, label, top = host.split(".")
    if found["path"] is not None or host in _TINY:
        return True
    if len(label) == 1 and not any(len(part) > 1 for part in host.split(".")[:-1]):
        return False  # S.Si, M.Th, A.Md: what people have studied
    return any(c.isalpha() for c in label) or top in ("com", "net", "org", "xyz", "top", "info")
