"""Real inputs, changed by chance: the same for the same seed."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

Chance = random.Random

SCALARS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63), 1e308, -0.0, 0.1,
    "", " ", "0", "-1", "1_0", "१", "9" * 25, "9" * 400, "a" * 5_000, "\x00", "\x0b", "\ud800", "\u202e",
    "e\u0301" * 40, "😀" * 70, "1697043223", "ID.1", "text", "image", "private", "user", "page", "messages",
    "true", "null", "../../x", "<b>", "{}", "{0}", "%s", [], {}, [[]], [None], {"": ""}, [{}] * 40,
    {"id": "1"}, {"id": 1}, {"from": {"id": 7}},
)  # fmt: skip
WORDS = (
    "", " ", "\n", "\t", "\x00", "\x0b", "\ud800", "\u202e", "\u200b", "\u0301", "\u3000", "０", "٣", "१",
    "²", "½", "ß", "İ", "ﬁ", "-", "–", ",", ";", "/", "&", "#", "+", "@", "?", ":", ".", "_", "'", '"', "<",
    ">", "{", "}", "%", "$", "\\", "0", "1", "9", "00", "10", "99999999", "dan", "s/d", "sampai", "d", "D1",
    "t", "T12", "ktp", "kk", "metina", "rote", "kec.", "desa", "RT", "62", "+62", "08", "0062", "tel:",
    "https://wa.me/", "ext", "O", "I", "l", "x" * 300, "1-" * 60,
)  # fmt: skip


def bytes_changed(chance: Chance, whole: bytes) -> bytes:
    """Bytes turned, a piece taken out, doubled, moved, the end cut off; several times over."""
    content = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not content:
            return b""
        begin = chance.randrange(len(content))
        piece = content[begin : begin + chance.choice((1, 2, 8, 400))]
        match chance.randrange(7):
            case 0:
                for _ in range(chance.choice((1, 8, 64))):
                    content[chance.randrange(len(content))] = chance.randrange(256)
            case 1:
                del content[begin:]
            case 2:
                del content[begin : begin + len(piece)]
            case 3:
                content[begin:begin] = piece * chance.choice((1, 2, 50))
            case 4:
                place = chance.randrange(len(content))
                content[place:place] = piece
            case 5:
                content[begin] ^= 1 << chance.randrange(8)
            case _:
                content[begin:begin] = chance.choice(
                    (b"\x00", b"\r\n", b"\xff\xfe", b'"', b"\\", b"[" * 70, b"9" * 30)
                )
    return bytes(content)


def archive_changed(chance: Chance, whole: bytes) -> bytes:
    """One member changed, and all packed anew: the change is seen by who reads the member."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = chance.choice(sorted(parts))
    parts[changed] = bytes_changed(chance, parts[changed])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def text_changed(chance: Chance, whole: str) -> str:
    """Characters put in, taken out, turned and doubled."""
    told = whole
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        place = chance.randrange(len(told) + 1)
        match chance.randrange(5):
            case 0:
                told = told[:place] + chance.choice(WORDS) + told[place:]
            case 1:
                told = told[:place] + told[place + chance.choice((1, 2, 5)) :]
            case 2:
                told = (
                    told[:place]
                    + chr(chance.choice((chance.randrange(128), chance.randrange(0x11_0000))))
                    + told[place:]
                )
            case 3:
                told = told + chance.choice((" ", "", ",")) + told[:place]
            case _:
                told = told[::-1] if chance.random() < 0.2 else told.swapcase()
        told = told[:6_000]
    return told


def json_changed(chance: Chance, samples: Sequence[Any]) -> Any:
    """A body in which a few places hold something else, a piece of another body, or nothing."""
    body = deepcopy(chance.choice(samples))
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = places(body)
        if not found:
            return deepcopy(chance.choice(SCALARS))
        parent, key = chance.choice(found)
        match chance.randrange(6):
            case 0:
                del parent[key]
            case 1 | 2:
                parent[key] = deepcopy(chance.choice(SCALARS))
            case 3:
                other, there = chance.choice(places(chance.choice(samples)) or [([None], 0)])
                parent[key] = deepcopy(other[there])
            case 4 if isinstance(parent, list):
                parent.extend([parent[key]] * chance.choice((1, 3)))
            case 4:
                parent[chance.choice(("", "id", "type", "text", "from", "\ud800", "x" * 300))] = parent[key]
            case _:
                parent[key] = [parent[key]] if chance.random() < 0.5 else {"id": parent[key]}
    return body


def places(value: Any) -> list[tuple[Any, Any]]:
    """Everything inside, as what holds it and the key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        inside = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, item in inside:
            found.append((one, key))
            waiting.append(item)
    return found
