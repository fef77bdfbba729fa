"""What a service's file must keep to beyond its shape.

Each rule reads the file's plain data, so that one mistake does not hide the next, and yields the place and
the cause of what it finds.  Whatever has the wrong shape is passed over here: the shape check names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from office.spelling import misspellings
from office.typed import fold
from office.yaml_lines import Place

Finding = tuple[Place, str]
Data = Mapping[str, object]

_ELDER = ("kk", "ka", "kak", "kaka", "kakak")  # *kakak* in Kupang's chat, before any question
_WORDS = ("mulai", "mulai lagi", "/start", "menu", "halo", "status", "batal", "selesai", "berhenti", "cek")
_MORE_WORDS = ("data saya", "petugas", "bahasa", "language")
_ANSWERS = ("ya", "tidak", "ok", "benar", "lanjut", "ganti", "wakil", "bantu", "lapor", "lewati")
RESERVED: Final = frozenset({*_ELDER, *_WORDS, *_MORE_WORDS, *_ANSWERS})

# What people type and where we read it: never shown to citizens, so never corrected.
_NEVER_SHOWN: Final = frozenset({"aliases", "sources"})

_LINK: Final = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def papers_are_told_apart(service: Data) -> Iterator[Finding]:
    """No word leads to two papers of one service."""
    for place, key in _repeated(service, "papers"):
        yield place, f"the paper key '{key}' stands twice"
    leads: dict[str, tuple[int, object]] = {}
    for index, paper in _entries(service, "papers"):
        for place, word in _words(paper, ("papers", index)):
            first, of = leads.setdefault(fold(word), (index, paper.get("key")))
            if first != index:
                yield place, f"'{word}' also leads to the paper '{of}'"


def papers_say_when(service: Data) -> Iterator[Finding]:
    """A required paper is always asked; any other says under which condition."""
    for index, paper in _entries(service, "papers"):
        if paper.get("required") is True and "when" in paper:
            yield ("papers", index, "when"), "a required paper has no condition `when`"
        if paper.get("required") is False and "when" not in paper:
            yield (
                ("papers", index),
                f"the paper '{paper.get('key')}' is not required and does not say `when` it is asked",
            )


def papers_stand_in_for_others(service: Data) -> Iterator[Finding]:
    """``instead_of`` names required papers of the same service, and the substitute itself is not required."""
    papers = dict(_entries(service, "papers"))
    keys = [paper.get("key") for paper in papers.values()]
    for index, paper in papers.items():
        for step, key in enumerate(_sequence(paper.get("instead_of"))):
            place = ("papers", index, "instead_of", step)
            if key not in keys:
                yield place, f"it stands in for '{key}', which is no paper of this service"
            elif key == paper.get("key"):
                yield place, "a paper cannot stand in for itself"
            elif paper.get("required") is True:
                yield ("papers", index, "required"), "a paper that stands in for another is not required"


def witnesses_send_no_card(service: Data) -> Iterator[Finding]:
    """Surat Dirjen 470/13287/Dukcapil: copies of the witnesses' KTP are not asked."""
    for index, paper in _entries(service, "papers"):
        name = _mapping(paper.get("name")).get("id")
        if isinstance(name, str) and "ktp" in fold(name) and "saksi" in fold(name):
            yield ("papers", index), "a witness's KTP is not asked (Surat Dirjen 470/13287/Dukcapil)"


def outputs_are_told_apart(service: Data) -> Iterator[Finding]:
    """No two outputs of one service share a key."""
    for place, key in _repeated(service, "outputs"):
        yield place, f"the output key '{key}' stands twice"


def outputs_reach_the_citizen(service: Data) -> Iterator[Finding]:
    """What is fetched says what to bring and who may fetch it; what is digital says neither."""
    for index, output in _entries(service, "outputs"):
        fetched = output.get("delivery") == "pickup"
        for field, needed in (("bring", "what to bring"), ("collect_by", "who may fetch it")):
            if fetched and not output.get(field):
                yield (
                    ("outputs", index),
                    f"the output '{output.get('key')}' is fetched, but `{field}` does not say {needed}",
                )
            if output.get("delivery") == "digital" and field in output:
                yield ("outputs", index, field), f"a digital output has no `{field}`"
        if fetched and "issued_note" in output:
            yield ("outputs", index, "issued_note"), "an output that is fetched has no `issued_note`"


def forms_run_forward(service: Data) -> Iterator[Finding]:
    for index, form in _entries(service, "forms"):
        begins, ends = _interval(form)
        if begins > ends:
            yield (
                ("forms", index, "valid_until"),
                f"form {form.get('code')} ends on {ends} before it begins on {begins}",
            )
        if form.get("dates") == "confirmed" and form.get("valid_from") is None:
            yield ("forms", index, "dates"), "a form with confirmed dates says from when it is valid"


def forms_follow_each_other(service: Data) -> Iterator[Finding]:
    """No day has two entries of one code, nor a form and its successor once both are confirmed."""
    forms = list(_entries(service, "forms"))
    for index, form in forms:
        code, replaced = form.get("code"), form.get("replaces")
        if replaced is not None and replaced not in [other.get("code") for _, other in forms]:
            yield ("forms", index, "replaces"), f"it replaces {replaced}, which is no form of this service"
        for other_index, other in forms:
            if not _overlap(form, other):
                continue
            if other_index < index and other.get("code") == code:
                yield ("forms", index), f"form {code} has another entry for the same days"
            if replaced == other.get("code") and form.get("dates") == other.get("dates") == "confirmed":
                yield (
                    ("forms", index),
                    f"form {code} is valid on the same days as {replaced}, which it replaces",
                )


def hours_in_law_have_a_source(service: Data) -> Iterator[Finding]:
    sla = _mapping(service.get("sla"))
    if sla.get("law_hours") is not None and not sla.get("basis"):
        yield ("sla", "basis"), "hours in law have a `basis`"


def nothing_costs_anything(service: Data) -> Iterator[Finding]:
    rupiah = _mapping(service.get("fee")).get("rupiah")
    if isinstance(rupiah, int) and rupiah != 0:
        yield ("fee", "rupiah"), f"the fee is {rupiah}: every service is free (UU 24/2013 Ps 79A)"


def aliases_mean_this_service(service: Data) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, alias in enumerate(_sequence(service.get("aliases"))):
        if not isinstance(alias, str):
            continue
        if fold(alias) in RESERVED:
            yield ("aliases", index), f"the alias '{alias}' means something else in chat"
        if fold(alias) in seen:
            yield ("aliases", index), f"the alias '{alias}' stands twice"
        seen.add(fold(alias))


def texts_are_fit_to_show(service: Data) -> Iterator[Finding]:
    """Right spelling, and no links: a link in our name is what frauds send."""
    for place, language, text in _texts(service, ()):
        if _LINK.search(text):
            yield place, "a text has no links"
        if language == "id":
            for mistake in misspellings(text):
                yield place, f"'{mistake.wrong}' is written '{mistake.right}'"


RULES: Final[tuple[Callable[[Data], Iterator[Finding]], ...]] = (
    papers_are_told_apart,
    papers_say_when,
    papers_stand_in_for_others,
    witnesses_send_no_card,
    outputs_are_told_apart,
    outputs_reach_the_citizen,
    forms_run_forward,
    forms_follow_each_other,
    hours_in_law_have_a_source,
    nothing_costs_anything,
    aliases_mean_this_service,
    texts_are_fit_to_show,
)


def words(service: Data) -> Iterator[tuple[Place, str]]:
    """Everything that leads to the service when typed, with its place."""
    if isinstance(code := service.get("code"), str):
        yield ("code",), code
    yield from _words(service, ())


def _words(entry: Data, place: Place) -> Iterator[tuple[Place, str]]:
    for field in ("name", "short"):
        for language, text in _mapping(entry.get(field)).items():
            if isinstance(text, str):
                yield (*place, field, language), text
    for index, alias in enumerate(_sequence(entry.get("aliases"))):
        if isinstance(alias, str):
            yield (*place, "aliases", index), alias


def _texts(part: object, place: Place) -> Iterator[tuple[Place, str, str]]:
    """Every text of the file in either language: its place, its language, itself."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in ("id", "en") and isinstance(inner, str):
                yield (*place, key), key, inner
            elif key not in _NEVER_SHOWN:
                yield from _texts(inner, (*place, key))
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _texts(inner, (*place, index))


def _entries(service: Data, field: str) -> Iterator[tuple[int, Data]]:
    for index, entry in enumerate(_sequence(service.get(field))):
        if isinstance(entry, Mapping):
            yield index, entry


def _repeated(service: Data, field: str) -> Iterator[tuple[Place, str]]:
    """The keys of a list's entries that an earlier one has, each with its place."""
    keys: set[str] = set()
    for index, entry in _entries(service, field):
        key = entry.get("key")
        if isinstance(key, str):
            if key in keys:
                yield (field, index, "key"), key
            keys.add(key)


def _sequence(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Data:
    return value if isinstance(value, Mapping) else {}


def _interval(form: Data) -> tuple[date, date]:
    """First and last day; an open end reaches for ever."""
    begins, ends = form.get("valid_from"), form.get("valid_until")
    return (begins if type(begins) is date else date.min, ends if type(ends) is date else date.max)


def _overlap(one: Data, other: Data) -> bool:
    (begins, ends), (other_begins, other_ends) = _interval(one), _interval(other)
    return begins <= other_ends and other_begins <= ends
