"""Message templates: what Meta refuses when one is submitted, and when one is sent.

Source: Meta, "Templates" (overview, categorization, quality), "Sending message templates", "Error codes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_rules import Json, a_list, a_string, an_object
from tests.fakes.ledger import Button

NAME = re.compile(r"[a-z0-9_]{1,512}")
VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
BLANKS = re.compile(r"[\n\r\t]| {5,}")
MAX_HEADER = MAX_FOOTER = 60
MAX_BODY = 1024
MAX_BUTTONS = 10
MAX_BUTTON_TEXT = 25
MAX_PAYLOAD = 256
WORDS_PER_VARIABLE = 2  # Meta names no number (2388293 only says "too many variables for its length")
CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}
MEDIA_HEADERS = {"IMAGE", "VIDEO", "DOCUMENT"}


class TemplateNotAccepted(Exception):
    """Meta would not take this template; ``code`` as its management API says it (2388299, …)."""

    def __init__(self, code: int, why: str) -> None:
        self.code = code
        super().__init__(f"{code}: {why}")


@dataclass(slots=True)
class Template:
    """A template as the office submitted it. ``status`` may be set by a test: APPROVED, PENDING, REJECTED,
    PAUSED, DISABLED. ``header`` is a text, or ``header_format`` one of IMAGE, VIDEO, DOCUMENT.
    ``buttons``: ``{"type": "QUICK_REPLY", "text": …}`` or ``{"type": "URL", "text": …, "url": …}``."""

    name: str
    body: str
    language: str = "id"
    category: str = "UTILITY"
    header: str = ""
    header_format: str = ""
    footer: str = ""
    buttons: Sequence[Mapping[str, str]] = ()
    status: str = "APPROVED"
    quality: str = "UNKNOWN"  # GREEN, YELLOW, RED

    @property
    def named(self) -> bool:
        return any(not name.isdigit() for name in variables(self.body) + variables(self.header))

    def as_listed(self) -> Json:
        """As ``GET /{WABA}/message_templates`` shows it."""
        parts: list[Json] = [{"type": "BODY", "text": self.body} | _example(self.body, "body_text")]
        if self.header or self.header_format:
            shape = {"format": self.header_format} if self.header_format else {"format": "TEXT"}
            words = {"text": self.header} | _example(self.header, "header_text") if self.header else {}
            parts.insert(0, {"type": "HEADER", **shape} | words)
        parts += [{"type": "FOOTER", "text": self.footer}] if self.footer else []
        buttons = [_listed_button(button) for button in self.buttons]
        parts += [{"type": "BUTTONS", "buttons": buttons}] if buttons else []
        return {
            "id": str(sum(f"{self.name}/{self.language}".encode()) + 10**12),
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": "NAMED" if self.named else "POSITIONAL",
            "quality_score": {"score": self.quality, "date": 1764547200},
            "rejected_reason": "INVALID_FORMAT" if self.status == "REJECTED" else "NONE",
            "components": parts,
        }


def _example(text: str, kind: str) -> Json:
    """The samples with which a text that holds variables was submitted."""
    names = variables(text)
    if not names:
        return {}
    if not names[0].isdigit():
        named = [{"param_name": name, "example": "contoh"} for name in names]
        return {"example": {f"{kind}_named_params": named}}
    samples = ["contoh" for _ in names]
    return {"example": {kind: [samples] if kind == "body_text" else samples}}


def _listed_button(button: Mapping[str, str]) -> Json:
    url = button.get("url", "")
    return dict(button) | ({"example": [VARIABLE.sub("contoh", url)]} if variables(url) else {})


def variables(text: str) -> list[str]:
    """The names or numbers of the variables, each once, in order of appearance."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def check_submission(template: Template) -> None:
    """Raises `TemplateNotAccepted` for what Meta would reject at once."""
    if not NAME.fullmatch(template.name):
        raise TemplateNotAccepted(100, "the name may hold a-z, 0-9 and _ only")
    if template.category not in CATEGORIES:
        raise TemplateNotAccepted(100, f"no such category: {template.category}")
    for text, most, part in (
        (template.header, MAX_HEADER, "header"),
        (template.body, MAX_BODY, "body"),
        (template.footer, MAX_FOOTER, "footer"),
    ):
        if len(text) > most:
            raise TemplateNotAccepted(2388040, f"the {part} has {len(text)} of {most} characters")
    if not template.body.strip():
        raise TemplateNotAccepted(100, "a body is required")
    if variables(template.footer):
        raise TemplateNotAccepted(100, "a footer holds no variables")
    if len(variables(template.header)) > 1:
        raise TemplateNotAccepted(100, "a header holds one variable at most")
    _check_variables(template)
    if len(template.buttons) > MAX_BUTTONS:
        raise TemplateNotAccepted(100, f"more than {MAX_BUTTONS} buttons")
    for button in template.buttons:
        if button.get("type") not in ("QUICK_REPLY", "URL", "PHONE_NUMBER", "REQUEST_CONTACT_INFO"):
            raise TemplateNotAccepted(100, f"no such button type: {button.get('type')}")
        if not 0 < len(button.get("text", "")) <= MAX_BUTTON_TEXT:
            raise TemplateNotAccepted(100, f"a button's text has 1 to {MAX_BUTTON_TEXT} characters")


def _check_variables(template: Template) -> None:
    body = template.body.strip()
    found = list(VARIABLE.finditer(body))
    if body.replace("{{", "", len(found)).count("{{"):
        raise TemplateNotAccepted(100, "a variable is {{1}} or {{lower_case_name}}")
    if not found:
        return
    if found[0].start() == 0 or found[-1].end() == len(body):
        raise TemplateNotAccepted(2388299, "a variable may not be the first or the last thing in the body")
    names = variables(body)
    digits = [name for name in names if name.isdigit()]
    if digits and len(digits) != len(names):
        raise TemplateNotAccepted(100, "numbered and named variables do not mix")
    if digits and sorted(map(int, digits)) != list(range(1, len(digits) + 1)):
        raise TemplateNotAccepted(100, "numbered variables count 1, 2, 3, … without a gap")
    if len(VARIABLE.sub(" ", body).split()) < WORDS_PER_VARIABLE * len(names) + 1:
        raise TemplateNotAccepted(2388293, "too many variables for so short a text")


@dataclass(frozen=True, slots=True)
class Hydrated:
    """A template with its values in place, as a person reads it."""

    text: str
    values: tuple[str, ...]
    buttons: tuple[Button, ...]
    media_id: str = ""
    media_kind: str = ""
    filename: str = ""


def find(payload: object, templates: Mapping[tuple[str, str], Template]) -> Template:
    """The approved template that a send names.  Raises 132001, 132015 or 132016."""
    part = an_object(payload, "template", needs=["name", "language"], may=["components"])
    language = an_object(part["language"], "template['language']", needs=["code"], may=["policy"])
    name = a_string(part["name"], "template['name']", most=512)
    template = templates.get((name, str(language["code"])))
    if template is None or template.status not in ("APPROVED", "PAUSED", "DISABLED"):
        raise GraphRefusal(132001, f"template name ({name}) does not exist in {language['code']}")
    if template.status == "PAUSED":
        raise GraphRefusal(132015, f"template ({name}) is paused due to low quality")
    if template.status == "DISABLED":
        raise GraphRefusal(132016, f"template ({name}) is disabled due to low quality")
    return template


def hydrate(template: Template, payload: Json) -> Hydrated:
    """Puts the values of a send into its template.  Raises 131008, 132000, 132005 or 132012."""
    parts = a_list(payload.get("components", []), "template['components']", least=0, most=MAX_BUTTONS + 2)
    given: dict[str, list[Any]] = {"header": [], "body": []}
    for_buttons: dict[int, Json] = {}
    for part in parts:
        allowed = ["parameters", "sub_type", "index"]
        component = an_object(part, "template['components']", needs=["type"], may=allowed)
        kind = str(component["type"]).lower()
        if kind == "button":
            for_buttons[_index(component)] = component
        elif kind in given:
            given[kind] = a_list(component.get("parameters", []), f"{kind} parameters", least=0, most=100)
        else:
            raise GraphRefusal(100, f"Unknown component type {kind}.")
    media_id, media_kind, filename = "", "", ""
    header, header_values = template.header, list[str]()
    if template.header_format in MEDIA_HEADERS:
        media_id, media_kind, filename = _media_header(given["header"], template.header_format.lower())
    else:
        header, header_values = _filled(template.header, given["header"], "header")
    body, values = _filled(template.body, given["body"], "body")
    if len(body) > MAX_BODY or len(header) > MAX_HEADER:
        raise GraphRefusal(132005, f"The hydrated text is longer than {MAX_BODY} (header {MAX_HEADER}).")
    text = "\n".join(part for part in (header, body, template.footer) if part)
    buttons = _hydrated_buttons(template, for_buttons)
    return Hydrated(text, (*header_values, *values), buttons, media_id, media_kind, filename)


def _index(component: Json) -> int:
    index = str(component.get("index", ""))
    if not index.isdigit() or int(index) >= MAX_BUTTONS:
        raise GraphRefusal(131008, "A button component needs its index.")
    return int(index)


def _filled(text: str, parameters: Sequence[Any], where: str) -> tuple[str, list[str]]:
    names = variables(text)
    if len(parameters) != len(names):
        raise GraphRefusal(
            132000, f"{where}: number of localizable_params ({len(parameters)}) does not match {len(names)}"
        )
    named = any(not name.isdigit() for name in names)
    values: dict[str, str] = {}
    for position, parameter in enumerate(parameters, start=1):
        may = ["text", "parameter_name"]
        value = an_object(parameter, f"{where} parameter", needs=["type"], may=may)
        if value["type"] != "text":
            raise GraphRefusal(132012, f"{where}: parameter {position} must be of type text")
        if named and not value.get("parameter_name"):
            raise GraphRefusal(132012, f"{where}: Parameter name is missing or empty")
        if not named and "parameter_name" in value:
            raise GraphRefusal(132012, f"{where}: the template numbers its parameters, it does not name them")
        name = str(value["parameter_name"]) if named else str(position)
        if name not in names or name in values:
            raise GraphRefusal(132012, f"{where}: no parameter is named {name}, or it was given twice")
        values[name] = _value(value.get("text", ""), f"{where} {name}")
    return VARIABLE.sub(lambda found: values[found[1]], text), [values[name] for name in names]


def _value(text: object, where: str) -> str:
    value = a_string(text, where, most=32768)
    if BLANKS.search(value):
        raise GraphRefusal(
            132012, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        )
    return value


def _media_header(parameters: Sequence[Any], kind: str) -> tuple[str, str, str]:
    if len(parameters) != 1:
        raise GraphRefusal(132012, f"header: Format mismatch, expected {kind.upper()}, received none")
    parameter = an_object(parameters[0], "header parameter", needs=["type"], may=[kind, "text"])
    if parameter["type"] != kind:
        raise GraphRefusal(132012, f"header: Format mismatch, expected {kind.upper()}")
    media = an_object(parameter.get(kind), f"header {kind}", may=["id", "link", "filename"])
    if ("id" in media) == ("link" in media):
        raise GraphRefusal(131008, f"header {kind} needs either id or link")
    return str(media.get("id", "")), kind, str(media.get("filename", ""))


def _hydrated_buttons(template: Template, given: Mapping[int, Json]) -> tuple[Button, ...]:
    """The buttons under a template; a quick reply without a payload of its own sends its text back."""
    for index in given:
        if index >= len(template.buttons):
            raise GraphRefusal(132000, "The template has no button of this index.")
    return tuple(
        _hydrated_button(index, button, given.get(index)) for index, button in enumerate(template.buttons)
    )


def _hydrated_button(index: int, button: Mapping[str, str], given: Json | None) -> Button:
    where = f"buttons: Button at index {index}"
    kind = button["type"]
    if given is not None and str(given.get("sub_type", "")).upper() != kind:
        raise GraphRefusal(132012, f"{where} is of type {kind}, not {given.get('sub_type')}")
    parameters = a_list(given.get("parameters"), where, least=1, most=1) if given is not None else []
    if kind == "QUICK_REPLY":
        payload = _parameter(parameters[0], where, "payload", MAX_PAYLOAD) if parameters else button["text"]
        return Button(button["text"], payload)
    if kind == "REQUEST_CONTACT_INFO":
        return Button(button["text"], asks="request_contact_info")
    url = button.get("url", "")
    if variables(url):
        if not parameters:
            raise GraphRefusal(131008, f"{where} of type Url requires a parameter")
        ending = _parameter(parameters[0], where, "text", 2000)
        url = VARIABLE.sub(lambda _: ending, url)
    elif parameters:
        raise GraphRefusal(132000, f"{where} takes no parameter")
    return Button(button["text"], url=url)


def _parameter(part: object, where: str, kind: str, most: int) -> str:
    parameter = an_object(part, where, needs=["type"], may=[kind])
    if parameter["type"] != kind:
        raise GraphRefusal(132012, f"{where}: the parameter must be of type {kind}")
    value = a_string(parameter.get(kind, ""), where, most=most)
    if BLANKS.search(value):
        raise GraphRefusal(132012, f"{where}: no new-line, tab or more than 4 consecutive spaces")
    return value
