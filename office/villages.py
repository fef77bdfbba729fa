"""The 119 desa and kelurahan of the regency, found by what people call them.

No two share a name, so a village decides its kecamatan; but Landu is a desa of Rote Barat Daya and Landu Leko
a kecamatan, and Ndaonuse a desa of Ndao Nuse: the conversation shows the kecamatan back and lets the citizen
confirm.  Source: ``catalog/regions/README.md``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from typing import Final

from office.refusal import Refusal
from office.regions import REGIONS
from office.typed import fold

ALIKE: Final = 0.75  # of difflib's ratio; Lobalian to Lobalain is 0.88
MOST_SUGGESTIONS: Final = 5
LONGEST_NAME: Final = 120  # characters read; an address goes on
SHORTEST_PART: Final = 4  # letters of a name that may stand for the whole

_VILLAGE_WORDS: Final = re.compile(r"^(desa|ds|kelurahan|kel|kampung|kp|dusun)\b\.?\s*")
_KECAMATAN_WORD: Final = re.compile(r"\b(kecamatan|kec)\b\.?\s*")
_REGENCY: Final = re.compile(r"\b(kabupaten|kab)\b\.?\s*rote ndao\b|\bkabupaten\b")
_CODE: Final = re.compile(r"53\.?14\.?\d\d\.?\d{4}")


class Kind(StrEnum):
    """A kelurahan is headed by an appointed lurah, a desa by an elected kepala desa."""

    DESA = "desa"
    KELURAHAN = "kelurahan"


@dataclass(frozen=True, slots=True)
class Village:
    """A village.

    Shape: ``code`` as ``53.14.11.2001``; the ``former_`` ones are from before Loaholu was made, or empty.
    """

    code: str
    name: str
    kind: Kind
    kecamatan_name: str
    former_code: str
    former_kecamatan_name: str
    aliases: tuple[str, ...]

    @property
    def title(self) -> str:
        """``Desa Oelua`` or ``Kelurahan Metina``."""
        return f"{self.kind.value.title()} {self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one village is called so."""

    village: Village


@dataclass(frozen=True, slots=True)
class Perhaps:
    """None is, but these sound alike: likeliest first, at most `MOST_SUGGESTIONS`."""

    villages: tuple[Village, ...]


@dataclass(frozen=True, slots=True)
class KecamatanTyped:
    """It is a kecamatan; the person lives in one of its villages, by name."""

    kecamatan_name: str
    villages: tuple[Village, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing here is called anything like it."""


Match = Found | Perhaps | KecamatanTyped | NotFound


class VillageUnknown(Refusal):
    """The regency has no village of this code.  Facts: ``code``."""


@cache
def villages() -> tuple[Village, ...]:
    """Every village, by code."""
    with (REGIONS / "rote_ndao_5314.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kecamatan = {row["code"]: row["name"] for row in rows if row["level"] == "kecamatan"}
    return tuple(
        Village(
            code=row["code"],
            name=row["name"],
            kind=Kind(row["kind"]),
            kecamatan_name=row["parent_name"],
            former_code=row["former_code"],
            former_kecamatan_name=kecamatan.get(row["former_code"][:8], ""),
            aliases=tuple(alias for alias in row["aliases"].split(";") if alias),
        )
        for row in rows
        if row["level"] == "desa_kelurahan"
    )


@cache
def kecamatan_names() -> tuple[str, ...]:
    """The eleven kecamatan, by code."""
    return tuple(dict.fromkeys(village.kecamatan_name for village in villages()))


def village(code: str) -> Village:
    """The village with this code, or with it before Loaholu was made.  Raises: `VillageUnknown`."""
    found = _by_digits().get(code.replace(".", ""))
    if found is None:
        raise VillageUnknown(code=code)
    return found


@cache
def _by_digits() -> Mapping[str, Village]:
    former = {one.former_code.replace(".", ""): one for one in villages() if one.former_code}
    return former | {one.code.replace(".", ""): one for one in villages()}


def find(typed: str) -> Match:
    """The village a person means by a name, or by a code old papers show.

    ``desa``, ``kel.`` and the like in front, a kecamatan (today's or a former one) behind, apostrophes and
    spaces make no difference; only ``ndao nuse`` in two words is the kecamatan.
    """
    typed = typed[:LONGEST_NAME]
    if code := _CODE.search(typed):
        return _by_code(code[0])
    text = " ".join(_REGENCY.sub(" ", fold(typed)).split()).strip(" .,")
    name = _VILLAGE_WORDS.sub("", text)
    if name == text and (kecamatan := _kecamatan(text)):
        return _in_kecamatan(kecamatan)
    return _called(_KECAMATAN_WORD.sub(" ", name)) or _sounding_like(name)


def _by_code(code: str) -> Match:
    try:
        return Found(village(code))
    except VillageUnknown:
        return NotFound()


def _kecamatan(text: str) -> str | None:
    """The kecamatan exactly so called; after the word ``kec`` spaces make no difference."""
    bare = _KECAMATAN_WORD.sub("", text)
    for name in kecamatan_names():
        if fold(name) == bare or (bare != text and _letters(name) == _letters(bare)):
            return name
    return None


def _in_kecamatan(name: str) -> KecamatanTyped:
    inside = [village for village in villages() if village.kecamatan_name == name]
    return KecamatanTyped(name, tuple(sorted(inside, key=lambda village: village.name)))


def _called(name: str) -> Found | None:
    typed = _letters(name)
    for one in villages():
        called = {_letters(known) for known in (one.name, *one.aliases)}
        behind = ("", _letters(one.kecamatan_name), _letters(one.former_kecamatan_name))
        if any(typed == own + place for own in called for place in behind):
            return Found(one)
    return None


def _sounding_like(name: str) -> Match:
    """Names alike as a whole, then names that the typed one is a part of, or the other way round."""
    typed = _letters(re.split(r",|\bkec(?:amatan)?\b", name)[0])
    if not typed:
        return NotFound()
    alike = {village: _likeness(typed, _letters(village.name)) for village in villages()}
    kecamatan, likeness = max(
        ((known, _likeness(typed, _letters(known))) for known in kecamatan_names()), key=lambda pair: pair[1]
    )
    if likeness >= ALIKE and likeness > max(alike.values()):
        return _in_kecamatan(kecamatan)
    near = [village for village in _likeliest_first(alike) if alike[village] >= ALIKE]
    parts = [
        village
        for village in _likeliest_first(alike)
        if village not in near and _one_within_the_other(typed, _letters(village.name))
    ]
    found = tuple((near + parts)[:MOST_SUGGESTIONS])
    return Perhaps(found) if found else NotFound()


def _likeliest_first(alike: dict[Village, float]) -> Iterable[Village]:
    return sorted(alike, key=lambda village: (-alike[village], village.name))


def _one_within_the_other(typed: str, known: str) -> bool:
    shorter, longer = sorted((typed, known), key=len)
    return len(shorter) >= SHORTEST_PART and shorter in longer


def _likeness(typed: str, known: str) -> float:
    return SequenceMatcher(None, typed, known, autojunk=False).ratio()


def _letters(name: str) -> str:
    return "".join(character for character in fold(name) if character.isalnum())
