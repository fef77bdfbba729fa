"""Whether a PDF would do something when it is opened: run a script, start a program, hand in, unpack.

We only draw it, so nothing would happen here; but a paper has no need of that.  A search in the bytes, also
in those that are packed as objects: it finds what is written plainly.  A file made to hide it gets past, and
is drawn like any other.
"""

import re
import zlib
from typing import Final

_NAMES: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)(?![A-Za-z0-9])"
)
_OPENING: Final = re.compile(rb"/OpenAction\s*(\[|<<|\d+\s+\d+\s+R)([^\0]{0,400})", re.DOTALL)
_HARMLESS: Final = re.compile(rb"/S\s*/GoTo(?![A-Za-z0-9])")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED: Final = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
_STREAMS: Final = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_MOST_UNPACKED: Final = 20 * 1024**2  # bytes, of all packed objects together


def found_in(content: bytes) -> bool:
    """Whether any such thing is named.  A page to begin with is not: many programs write it."""
    text = _unescaped(b"\n".join([_STREAMS.sub(b"", content), *_unpacked(content)]))
    return bool(_NAMES.search(text)) or any(_acts(text, begin) for begin in _OPENING.finditer(text))


def _acts(text: bytes, begin: re.Match[bytes]) -> bool:
    what = begin[1]
    if what == b"[":
        return False
    action = begin[2]
    if what != b"<<":
        number, generation, _ = what.split()
        found = re.search(rb"(?<!\d)%b\s+%b\s+obj([^\0]{0,400})" % (number, generation), text)
        action = found[1].partition(b"endobj")[0] if found else b""
        if action.lstrip().startswith(b"["):
            return False
    return not _HARMLESS.search(action)


def _unescaped(text: bytes) -> bytes:
    """``/J#61vaScript`` is a name like any other."""
    return _ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), text)


def _unpacked(content: bytes) -> list[bytes]:
    left, unpacked = _MOST_UNPACKED, []
    for head in _PACKED.finditer(content):
        try:
            objects = zlib.decompressobj().decompress(content[head.end() :], max(left, 1))
        except zlib.error:
            continue
        left -= len(objects)
        unpacked.append(objects)
    return unpacked
