"""Utility message templates of a Page: what Meta refuses when one is submitted, and when one is sent.

Source: Meta, Messenger Platform, "Send a utility message" (13 Mar 2026), Graph API "Page Message Templates";
that QUICK_REPLY buttons are refused (2018416) and that samples are needed is what clients report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.graph_templates import BLANKS, VARIABLE, variables
from tests.fakes.ledger import Button
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_fields import Json, a_list, a_string, a_web_address, a_word, an_object

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
MAX_BODY = 1024
MAX_BUTTONS = 3
MAX_BUTTON_TEXT = 20
BUTTON_TYPES = ("POSTBACK", "URL", "PHONE_NUMBER")
NO_SAMPLES = "TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES"


@dataclass(slots=True)
class UtilityTemplate:
    """A template of the Page. ``status`` may be set by a test: APPROVED, PENDING, REJECTED, PAUSED, DISABLED.

    ``buttons``: ``{"type": "POSTBACK", "text": …, "payload": …}``, ``{"type": "URL", "text": …, "url": …}``
    or ``{"type": "PHONE_NUMBER", "text": …, "phone_number": …}``. ``samples``: one for each variable.
    """

    name: str
    body: str
    language: str = "id"
    buttons: Sequence[Mapping[str, str]] = ()
    status: str = "APPROVED"
    samples: Sequence[str] = ()
    rejected_reason: str = ""
    id: str = ""

    def as_listed(self) -> Json:
        """As ``GET /{page}/message_templates`` shows it."""
        body: Json = {"type": "BODY", "text": self.body}
        body |= {"example": {"body_text": [list(self.samples)]}} if self.samples else {}
        parts = [body]
        parts += [{"type": "BUTTONS", "buttons": [dict(b) for b in self.buttons]}] if self.buttons else []
        listed: Json = {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": "UTILITY",
            "components": parts,
        }
        return listed | ({"rejected_reason": self.rejected_reason} if self.rejected_reason else {})


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its values in place, as a person reads it."""

    name: str
    text: str
    values: tuple[str, ...]
    buttons: tuple[Button, ...]


# ---------------------------------------------------------------------- submitting


def submitted(payload: object) -> UtilityTemplate:
    """The template in ``POST /{page}/message_templates``.  Raises `MessengerRefusal`."""
    may = ["components", "access_token", "parameter_format", "example"]
    part = an_object(payload, "template", needs=["name", "language", "category"], may=may)
    a_word(part["category"], "category", ("UTILITY",))
    body, samples, buttons = "", tuple[str, ...](), tuple[Json, ...]()
    for component in a_list(part.get("components"), "components", most=4):
        kind = str(an_object(component, "component", needs=["type"], may=list(component))["type"]).upper()
        if kind == "BODY":
            body = a_string(component.get("text"), "components[BODY][text]", most=MAX_BODY)
            samples = _samples(component.get("example", {}))
        elif kind == "BUTTONS":
            buttons = tuple(a_list(component.get("buttons"), "components[BUTTONS]", most=MAX_BUTTONS))
        else:
            raise MessengerRefusal(100, f"Components of type {kind} are not supported.", subcode=2018416)
    template = UtilityTemplate(part["name"], body, part["language"], buttons, samples=samples)
    check_submission(template)
    return template


def _samples(example: object) -> tuple[str, ...]:
    part = an_object(example, "components[BODY][example]", may=["body_text"])
    rows = part.get("body_text", [])
    first = rows[0] if isinstance(rows, list) and rows else ()
    return tuple(map(str, first)) if isinstance(first, list) else ()


def check_submission(template: UtilityTemplate) -> None:
    """Raises `MessengerRefusal` for what Meta would not even look at."""
    if not NAME.fullmatch(str(template.name)):
        raise MessengerRefusal(100, "Param name may hold lower-case letters, digits and _ only")
    if not LANGUAGE.fullmatch(str(template.language)):
        raise MessengerRefusal(100, "Param language must be a supported locale, as id or en_US")
    a_string(template.body, "components[BODY][text]", most=MAX_BODY)
    names = variables(template.body)
    if template.body.count("{{") != len(VARIABLE.findall(template.body)):
        raise MessengerRefusal(100, "A variable is {{1}} or {{lower_case_name}}")
    digits = [int(name) for name in names if name.isdigit()]
    if len(digits) != len(names) or sorted(digits) != list(range(1, len(digits) + 1)):
        raise MessengerRefusal(100, "Variables count {{1}}, {{2}}, … without a gap")
    texts = [_button(button) for button in template.buttons]
    if len(texts) > MAX_BUTTONS or len(set(texts)) != len(texts):
        raise MessengerRefusal(100, f"At most {MAX_BUTTONS} buttons, no two alike", subcode=2018416)


def _button(button: Mapping[str, str]) -> str:
    """The text of an acceptable button."""
    part = an_object(button, "button", needs=["type"], may=["text", "payload", "url", "phone_number"])
    if part["type"] not in BUTTON_TYPES:
        words = f"Message Template Creation Failed: no button may be of type {part['type']}"
        raise MessengerRefusal(100, words, subcode=2018416)
    if part["type"] == "URL":
        a_web_address(VARIABLE.sub("1", str(part.get("url", ""))), "button[url]")
    return a_string(part.get("text"), "button[text]", most=MAX_BUTTON_TEXT)


def verdict(template: UtilityTemplate) -> tuple[str, str]:
    """What Meta's review says at once: the status, and the reason of a rejection."""
    if len(template.samples) != len(variables(template.body)):
        return "REJECTED", NO_SAMPLES
    return "APPROVED", ""


# ---------------------------------------------------------------------- sending


def fill(payload: Json, templates: Mapping[tuple[str, str], UtilityTemplate]) -> Filled:
    """Puts the values of a send into its approved template.  Raises `MessengerRefusal`."""
    where = "message[attachment][payload]"
    part = an_object(payload, where, needs=["template_type", "name", "language"], may=["components"])
    language = an_object(part["language"], f"{where}[language]", needs=["code"])
    template = templates.get((str(part["name"]), str(language["code"])))
    if template is None or template.status != "APPROVED":
        raise MessengerRefusal(100, f"The template cannot be found: {part['name']} in {language['code']}")
    given: list[Any] = []
    for_buttons: dict[int, list[Any]] = {}
    components = part.get("components") or []
    if not isinstance(components, list):
        raise MessengerRefusal(100, f"Param {where}[components] must be an array.")
    for item in components:
        component = an_object(item, "component", needs=["type"], may=["parameters", "sub_type", "index"])
        kind = a_word(str(component["type"]).lower(), "component[type]", ("body", "button"))
        parameters = component.get("parameters", [])
        if not isinstance(parameters, list):
            raise MessengerRefusal(100, "Param component[parameters] must be an array.")
        if kind == "body":
            given = parameters
        else:
            for_buttons[_index(component, template)] = parameters
    text, values = _filled(template.body, given, "body")
    if len(text) > MAX_BODY:
        raise MessengerRefusal(100, f"The text with its values is longer than {MAX_BODY}")
    buttons = tuple(_tappable(b, for_buttons.get(n, [])) for n, b in enumerate(template.buttons))
    return Filled(template.name, text, values, buttons)


def _index(component: Json, template: UtilityTemplate) -> int:
    index = str(component.get("index", ""))
    if not index.isdigit() or int(index) >= len(template.buttons):
        raise MessengerRefusal(100, "The template has no button of this index")
    kind = template.buttons[int(index)]["type"].lower()  # the sub_type is the type in small letters
    a_word(component.get("sub_type"), "component[sub_type]", (kind,))
    return int(index)


def _filled(text: str, parameters: Sequence[Any], where: str) -> tuple[str, tuple[str, ...]]:
    names = variables(text)
    if len(parameters) != len(names):
        words = f"{where}: number of parameters ({len(parameters)}) does not match the expected {len(names)}"
        raise MessengerRefusal(100, words)
    values = []
    for item in parameters:
        parameter = an_object(item, f"{where} parameter", needs=["type"], may=["text"])
        a_word(parameter["type"], f"{where} parameter[type]", ("text",))
        value = a_string(parameter.get("text"), f"{where} parameter[text]", most=MAX_BODY)
        if BLANKS.search(value):
            words = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            raise MessengerRefusal(100, words)
        values.append(value)
    by_name = {str(position): value for position, value in enumerate(values, start=1)}
    return VARIABLE.sub(lambda found: by_name[found[1]], text), tuple(values)


def _tappable(button: Mapping[str, str], parameters: Sequence[Any]) -> Button:
    title = button["text"]
    if button["type"] == "PHONE_NUMBER":
        return Button(title, url=f"tel:{button.get('phone_number', '')}")
    if button["type"] == "URL":
        return Button(title, url=_filled(button["url"], parameters, f"button {title}")[0])
    return Button(title, _filled(button.get("payload", title), parameters, f"button {title}")[0])
