"""The desa and kelurahan of the regency, found by what people call them.

In Rote Ndao no two share a name, so a village decides its kecamatan; but Landu is a desa of Rote Barat Daya
and Landu Leko a kecamatan, and Ndaonuse a desa of Ndao Nuse: the conversation shows the kecamatan back and
lets the citizen confirm.  Elsewhere those of one name are offered.  Source: ``catalog/regions/README.md``.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from office.context import office
from office.refusal import Refusal
from office.typed import fold

ALIKE: Final = 0.75  # of difflib's ratio; Lobalian to Lobalain is 0.88
MOST_SUGGESTIONS: Final = 5
LONGEST_NAME: Final = 120  # characters read; an address goes on
SHORTEST_PART: Final = 4  # letters of a name that may stand for the whole

_VILLAGE_WORDS: Final = re.compile(r"^(desa|ds|kelurahan|kel|kampung|kp|dusun)\b\.?\s*")
_KECAMATAN_WORD: Final = re.compile(r"\b(kecamatan|kec)\b\.?\s*")
_KINDS_OF_REGENCY: Final = re.compile(r"^(kabupaten|kab|kota)\b\.?\s*")


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


COLUMNS: Final = frozenset(
    {"level", "code", "name", "kind", "parent_name", "former_code", "aliases"}
)  # of a regency's file


def wrong_with(file: Path) -> str | None:
    """Why this cannot be a regency's file of villages; None: it can."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            missing = COLUMNS - set(csv.DictReader(lines).fieldnames or ())
    except (OSError, UnicodeDecodeError):
        return "cannot be read"
    return f"has no column {', '.join(sorted(missing))}" if missing else None


def villages() -> tuple[Village, ...]:
    """Every village of the office, by code."""
    return _read(office().villages)


@cache
def _read(file: Path) -> tuple[Village, ...]:
    with file.open(encoding="utf-8", newline="") as lines:
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


def example() -> str:
    """A village's name, to show what may be typed: the first kelurahan's, where there is one."""
    of_towns = (one.name for one in villages() if one.kind is Kind.KELURAHAN)
    return next(of_towns, villages()[0].name)


def kecamatan_names() -> tuple[str, ...]:
    """Its kecamatan, by code."""
    return tuple(dict.fromkeys(village.kecamatan_name for village in villages()))


def village(code: str) -> Village:
    """The village with this code, or with it before Loaholu was made.  Raises: `VillageUnknown`."""
    found = _by_digits(office().villages).get(code.replace(".", ""))
    if found is None:
        raise VillageUnknown(code=code)
    return found


@cache
def _by_digits(file: Path) -> Mapping[str, Village]:
    here = _read(file)
    former = {one.former_code.replace(".", ""): one for one in here if one.former_code}
    return former | {one.code.replace(".", ""): one for one in here}


def find(typed: str) -> Match:
    """The village a person means by a name, or by a code old papers show.

    ``desa``, ``kel.`` and the like in front, a kecamatan (today's or a former one) behind, apostrophes and
    spaces make no difference; only ``ndao nuse`` in two words is the kecamatan.
    """
    typed = typed[:LONGEST_NAME]
    profile = office().office
    if code := _code_in(profile.id).search(typed):
        return _by_code(code[0])
    text = _regency_in(profile.regency.id).sub(" ", fold(typed))
    text = " ".join(text.split()).strip(" .,")
    name = _VILLAGE_WORDS.sub("", text)
    if name == text and (kecamatan := _kecamatan(text)):
        return _in_kecamatan(kecamatan)
    return _called(_KECAMATAN_WORD.sub(" ", name)) or _sounding_like(name)


@cache
def _code_in(regency: str) -> re.Pattern[str]:
    """A village's code as papers show it: ``53.14.11.2001``, with or without the dots."""
    return re.compile(rf"{regency[:2]}\.?{regency[2:]}\.?\d\d\.?\d{{4}}")


@cache
def _regency_in(name: str) -> re.Pattern[str]:
    """How an address goes on behind the village: ``Kab. Rote Ndao``, or the word alone."""
    bare = re.escape(_KINDS_OF_REGENCY.sub("", fold(name)))
    return re.compile(rf"\b(kabupaten|kab|kota)\b\.?\s*{bare}\b|\bkabupaten\b")


def _by_code(code: str) -> Match:
    try:
        return Found(village(code))
    except VillageUnknown:
        return NotFound()


def _kecamatan(text: str) -> str | None:
    """The kecamatan exactly so called; after the word ``kec`` spaces make no difference."""
    bare = _KECAMATAN_WORD.sub("", text)
    letters = _letters(bare) if bare != text else None
    for name in kecamatan_names():
        known = _known(name)
        if bare == known.folded or letters == known.letters:
            return name
    return None


def _in_kecamatan(name: str) -> KecamatanTyped:
    inside = [village for village in villages() if village.kecamatan_name == name]
    return KecamatanTyped(name, tuple(sorted(inside, key=lambda village: village.name)))


def _called(name: str) -> Found | Perhaps | None:
    found = _by_what_they_are_called(office().villages).get(_letters(name), ())
    if len(found) > 1:
        return Perhaps(found[:MOST_SUGGESTIONS])
    return Found(found[0]) if found else None


@cache
def _by_what_they_are_called(file: Path) -> Mapping[str, tuple[Village, ...]]:
    """By the letters of a name, alone or with its kecamatan behind it."""
    found: dict[str, tuple[Village, ...]] = {}
    for one in _read(file):
        called = {_letters(known) for known in (one.name, *one.aliases)}
        behind = {"", _letters(one.kecamatan_name), _letters(one.former_kecamatan_name)}
        for letters in {own + place for own in called for place in behind}:
            found[letters] = (*found.get(letters, ()), one)
    return found


def _sounding_like(name: str) -> Match:
    """Names alike as a whole, then names that the typed one is a part of, or the other way round."""
    typed = _letters(re.split(r",|\bkec(?:amatan)?\b", name)[0])
    if not typed:
        return NotFound()
    likeness_to = _likeness_to(typed)
    alike = [(likeness, one) for one in villages() if (likeness := likeness_to(one.name)) >= ALIKE]
    kecamatan, likeness = max(
        ((known, likeness_to(known)) for known in kecamatan_names()), key=lambda pair: pair[1]
    )
    if likeness >= ALIKE and all(likeness > of_village for of_village, _ in alike):
        return _in_kecamatan(kecamatan)
    near = _likeliest_first(alike)
    if len(near) < MOST_SUGGESTIONS:
        parts = [
            (_ratio(typed, known), one)
            for one in villages()
            if one not in near and _one_within_the_other(typed, known := _known(one.name).letters)
        ]
        near += _likeliest_first(parts)
    return Perhaps(tuple(near[:MOST_SUGGESTIONS])) if near else NotFound()


def _likeliest_first(alike: Iterable[tuple[float, Village]]) -> list[Village]:
    return [one for _, one in sorted(alike, key=lambda pair: (-pair[0], pair[1].name))]


def _one_within_the_other(typed: str, known: str) -> bool:
    shorter, longer = sorted((typed, known), key=len)
    return len(shorter) >= SHORTEST_PART and shorter in longer


def _likeness_to(typed: str) -> Callable[[str], float]:
    """How alike a name is to these letters; 0 where too few are in both to come to `ALIKE`.

    To count letters takes a fraction of the time in which they are matched.
    """
    each = Counter(typed)

    def likeness(name: str) -> float:
        known = _known(name)
        length = len(typed) + len(known.letters)
        if 2.0 * min(len(typed), len(known.letters)) / length < ALIKE:
            return 0.0
        if 2.0 * (each & known.each).total() / length < ALIKE:
            return 0.0
        return _ratio(typed, known.letters)

    return likeness


def _ratio(typed: str, known: str) -> float:
    return SequenceMatcher(None, typed, known, autojunk=False).ratio()


def _letters(name: str) -> str:
    return "".join(character for character in fold(name) if character.isalnum())


@dataclass(frozen=True, slots=True)
class _Known:
    """One of our names, as it is compared.  ``each``: how often which letter is in it."""

    folded: str
    letters: str
    each: Counter[str]


@cache
def _known(name: str) -> _Known:
    letters = _letters(name)
    return _Known(fold(name), letters, Counter(letters))
