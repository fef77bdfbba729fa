"""Templates: what a notice says when the window of free text is closed.

A template is approved by Meta beforehand, so its text is data: ``catalog/templates.yaml``.  Its parameters
have the names of the notice's facts.  Source: Meta, "Message templates", read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import Field, StringConstraints, ValidationError

from bot import templates as registry
from office.catalogue import CATALOG, CatalogueBroken, Entry, Text
from office.words import LANGUAGES

FILE: Final = CATALOG / "templates.yaml"
BODY: Final = registry.BODY  # characters, with the values in place
flat = registry.flat

_PARAMETER: Final = re.compile(r"\{\{([a-z_]+)\}\}")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,511}$")]


class MessageTemplate(Entry):
    """One template, in both languages.

    ``sentence``  the notice's sentence it stands in for, without ``notice-``.
    ``body``      with ``{{name}}`` where a value goes: never first, never last.
    ``samples``   a value for every parameter, as Meta's reviewers want one.
    """

    name: Name
    sentence: str
    category: Literal["UTILITY"]
    body: Text
    samples: Mapping[str, Annotated[str, Field(min_length=1)] | Text]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Their names, each once, in the order of the Indonesian body."""
        return parameters_in(self.body.id)

    def sample(self, parameter: str, language: str) -> str:
        value = self.samples[parameter]
        return value.in_language(language) if isinstance(value, Text) else value

    def filled(self, values: Mapping[str, str], language: str) -> str:
        """The body as a person reads it.  Raises: KeyError for a value that is missing."""
        return _PARAMETER.sub(lambda found: values[found[1]], self.body.in_language(language))


def parameters_in(body: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_PARAMETER.findall(body)))


@cache
def all_templates(file: Path = FILE) -> tuple[MessageTemplate, ...]:
    """Raises: `CatalogueBroken`."""
    try:
        listed = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return tuple(MessageTemplate.model_validate(one) for one in listed)
    except (OSError, ValueError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise CatalogueBroken(f"{file} cannot be read") from error


def for_sentence(sentence: str) -> MessageTemplate | None:
    """The template that says what this sentence says, if one does."""
    return next((one for one in all_templates() if one.sentence == sentence), None)


def wanted() -> list[registry.Wanted]:
    """What the registry has to hold for our notices to go out."""
    return [
        registry.Wanted(one.name, language, one.parameters)
        for one in all_templates()
        for language in LANGUAGES
    ]


def to_submit() -> str:
    """What has to be submitted to Meta, as Markdown."""
    parts = [_HEADING]
    for template in all_templates():
        for language in LANGUAGES:
            samples = "\n".join(f"- `{p}`: {template.sample(p, language)}" for p in template.parameters)
            parts.append(
                f"## {template.name} ({language})\n\n{template.category}, named parameters\n\n"
                f"```text\n{template.body.in_language(language)}\n```\n\n{samples}\n"
            )
    return "\n".join(parts)


_HEADING: Final = """# Templates to submit to Meta

Made from `catalog/templates.yaml`; do not edit. In Meta's business manager, Message templates, create each of
these with exactly this name, language, category and body. Outside the 24 hours after a citizen's last
message, a notice goes out as its template or not at all.
"""
