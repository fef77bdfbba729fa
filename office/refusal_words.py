"""A refusal in words: its sentence is ``refusal-<code>``, its facts as people read them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from office import times
from office.catalogue import Paper
from office.context import office
from office.refusal import Refusal
from office.words import SentenceMissing, language, plain, say, sentence

_CODES: Final[Mapping[str, Callable[[str], str]]] = {
    # a fact that is a code of ours -> the sentence that says it
    "state": "state-{}".format,
    "to": "state-{}".format,
}


def refusal_text(refusal: Refusal) -> str:
    """The refusal's sentence, as HTML, in the language that is being spoken.

    A kind of refusal without a sentence of its own is said as what it is a kind of.
    Raises: SentenceMissing.
    """
    facts = {name: _readable(name, fact, refusal) for name, fact in refusal.facts.items()}
    return say(_sentence_of(type(refusal)), **facts)


def _sentence_of(kind: type[Refusal]) -> str:
    for known in kind.__mro__:
        name = f"refusal-{known.__name__}"
        try:
            sentence(name)
        except SentenceMissing:
            continue
        return name
    raise SentenceMissing(f"refusal-{kind.code}")


def _readable(name: str, fact: object, refusal: Refusal) -> str:
    if isinstance(fact, list | tuple):
        return ", ".join(_readable(name, one, refusal) for one in fact)
    if isinstance(fact, Paper):
        return fact.short.in_language(language())
    if isinstance(fact, datetime):
        return times.when(fact)
    if name == "papers":
        service = office().catalogue.service(str(refusal.facts["service"]))
        return service.paper(str(fact)).short.in_language(language())
    return plain(_CODES[name](str(fact))) if name in _CODES else str(fact)
