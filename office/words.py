"""Every sentence a person reads, by name.

Sentences live in ``locales/<language>/*.po`` (gettext; the msgid is the sentence's name).  They are HTML in
which only ``<b>`` and ``<i>`` occur; facts stand in ``{braces}`` and are escaped here, so that no name or
free text can become markup, nor a link of somebody's (`office.outgoing`).  A sentence missing in English is
said in Indonesian.
"""

import contextlib
import html
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from office.outgoing import harmless, may_be_said

LOCALES = Path(__file__).parent.parent / "locales"
FIRST = "id"
LANGUAGES = ("id", "en")

_language: ContextVar[str] = ContextVar("language", default=FIRST)


class SentenceMissing(LookupError):
    """No locale file has a sentence of this name."""


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All sentences of one language: name → text."""
    found: dict[str, str] = {}
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    found[str(message.id)] = str(message.string)
    return found


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything said inside is said in ``language``."""
    before = _language.set(language if language in LANGUAGES else FIRST)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> str:
    """The language that is being spoken."""
    return _language.get()


def sentence(name: str, language: str | None = None) -> str:
    """The raw sentence, braces and all.  Raises: SentenceMissing."""
    chosen = language or _language.get()
    text = sentences(chosen).get(name) or sentences(FIRST).get(name)
    if text is None:
        raise SentenceMissing(name)
    return text


def say(name: str, language: str | None = None, /, **facts: object) -> str:
    """The sentence with its facts, as HTML.  What strangers said leads nowhere in it (`outgoing.harmless`).

    Raises: SentenceMissing; KeyError for a fact not handed in.
    """
    said = exactly(name, language, **facts)
    return said if may_be_said(said) else exactly(name, language, **_harmless(facts))


def exactly(name: str, language: str | None = None, /, **facts: object) -> str:
    """The same with the facts as they are.  Whatever may not be sent is found at the door out."""
    return sentence(name, language).format(
        **{key: html.escape(str(v), quote=False) for key, v in facts.items()}
    )


def plain(name: str, language: str | None = None, /, **facts: object) -> str:
    """The sentence without markup: for button labels, logs of staff's screens and templates."""
    text = _plainly(name, language, facts)
    return text if may_be_said(text) else _plainly(name, language, _harmless(facts))


def grouped(number: int, spoken: str | None = None) -> str:
    """A count as it is written: ``10.000``, in English ``10,000``."""
    return format_decimal(number, locale=spoken or language())


def _plainly(name: str, language: str | None, facts: Mapping[str, object]) -> str:
    text = sentence(name, language).format(**{key: str(value) for key, value in facts.items()})
    for mark in ("<b>", "</b>", "<i>", "</i>"):
        text = text.replace(mark, "")
    return html.unescape(text)


def _harmless(facts: Mapping[str, object]) -> dict[str, object]:
    return {key: harmless(str(fact)) for key, fact in facts.items()}
