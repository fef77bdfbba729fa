"""Every no of the office has its sentence, in both languages, with facts it is really given."""

import importlib
import inspect
import pkgutil
import re

import pytest

import office
from office.refusal import Refusal
from office.words import LANGUAGES, sentences

for module in pkgutil.iter_modules(office.__path__):
    importlib.import_module(f"office.{module.name}")


def _kinds(of: type[Refusal]) -> list[type[Refusal]]:
    below = [kind for sub in of.__subclasses__() for kind in (sub, *_kinds(sub))]
    return sorted(
        {kind for kind in below if kind.__module__.startswith("office.")}, key=lambda kind: kind.code
    )


KINDS = _kinds(Refusal)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_refusal_has_a_sentence_with_facts_that_its_docstring_names(
    kind: type[Refusal], language: str
) -> None:
    sentence = sentences(language)[f"refusal-{kind.code}"]
    documented = " ".join(inspect.getdoc(each) or "" for each in kind.__mro__ if each is not Refusal)
    for fact in re.findall(r"{(\w+)}", sentence):
        assert f"``{fact}``" in documented, (kind.code, fact)
