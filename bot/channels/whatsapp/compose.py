"""Messages as WhatsApp writes them: the part of the payload that depends on what is said.

Source: Meta, WhatsApp Cloud API, "Send messages", "Interactive reply buttons", "Interactive list",
"Interactive CTA URL", "Templates", "Flows: sending a flow", "Location request messages", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.keyboard import Choice, cut, encode, linked, numbered, tappable, titles
from bot.channels.whatsapp.asking import ACTIONS, Question
from bot.channels.whatsapp.caps import (
    CAPTION_LIMIT,
    MAX_BUTTON_LABEL,
    MAX_BUTTONS,
    MAX_ROW_DESCRIPTION,
    MAX_ROW_TITLE,
    MAX_ROWS,
    TEXT_LIMIT,
)
from bot.choices import visible

Part = dict[str, Any]


def text(words: str, offered: Sequence[Choice], list_label: str) -> Part:
    """A text with whatever there is to tap: one link, buttons, a list, or numbers to type.

    Buttons where every choice shows whole, a list where not; beyond ten rows the choices are numbered lines.
    """
    taps = tappable(offered)
    if not taps and len(offered) == 1 and len(words) <= CAPTION_LIMIT and linked(offered):
        return _link(words, offered[0])
    said = _below(words, linked(offered), TEXT_LIMIT)
    if not taps:
        return {"type": "text", "text": {"body": said}}
    if fit_buttons(taps) and len(said) <= CAPTION_LIMIT:
        return _buttons(said, taps)
    if len(taps) <= MAX_ROWS:
        return _list(said, taps, list_label)
    return {"type": "text", "text": {"body": _below(said, numbered(taps, TEXT_LIMIT), TEXT_LIMIT)}}


def question(kind: Question, words: str, offered: Sequence[Choice]) -> Part:
    """WhatsApp's own button for a place or a number; other keys of its keyboard are numbers to type."""
    said = _below(words, linked(offered), CAPTION_LIMIT)
    if len(offered) > 1:
        said = _below(said, numbered(tappable(offered), CAPTION_LIMIT), CAPTION_LIMIT)
    return _interactive(kind, _shortened(said, CAPTION_LIMIT), {"name": ACTIONS[kind]})


def media(
    kind: str, file: Part, caption: str, offered: Sequence[Choice], list_label: str, name: str = ""
) -> Part:
    """A photo, document or video (``file`` = its ``id`` or ``link``) above its caption and choices.

    Up to three short choices become buttons under it; others are numbered lines of the caption.
    """
    file = file | ({"filename": name[:240]} if kind == "document" and name else {})
    taps = tappable(offered)
    said = _below(caption, linked(offered), CAPTION_LIMIT)
    if taps and fit_buttons(taps):
        return _buttons(said or list_label, taps, header={"type": kind, kind: file})
    said = _below(said, numbered(taps, CAPTION_LIMIT) if taps else "", CAPTION_LIMIT)
    return {"type": kind, kind: file | ({"caption": said} if said else {})}


def template(name: str, language: str, parameters: Mapping[str, str], buttons: Sequence[str] = ()) -> Part:
    """The body's variables by name, or by number where all their names are numbers; the quick replies' data.

    A value goes in as one line: Meta refuses breaks, tabs and wide gaps.
    """
    numbers = bool(parameters) and all(key.isascii() and key.isdigit() for key in parameters)
    keys = sorted(parameters, key=int) if numbers else list(parameters)
    values: list[Part] = [
        {"type": "text", "text": " ".join(parameters[key].split()) or "–"}
        | ({} if numbers else {"parameter_name": key})
        for key in keys
    ]
    parts: list[Part] = [{"type": "body", "parameters": values}] if values else []
    for n, data in enumerate(buttons):
        payload = {"type": "payload", "payload": encode(n + 1, Choice("", data=data))}
        parts.append({"type": "button", "sub_type": "quick_reply", "index": str(n), "parameters": [payload]})
    whole: Part = {"name": name, "language": {"code": language}}
    return {"type": "template", "template": whole | ({"components": parts} if parts else {})}


def flow(
    words: str, button: str, flow_id: str, token: str, screen: str | None, data: Mapping[str, Any] | None
) -> Part:
    """A form of WhatsApp's own.  ``screen`` comes first, filled with ``data``; without it the form's own."""
    first: Part = {"screen": screen} | ({"data": dict(data)} if data else {})
    parameters: Part = {
        "flow_message_version": "3",
        "flow_id": flow_id,
        "flow_token": token,
        "flow_cta": cut(button, MAX_BUTTON_LABEL) or "…",
    } | ({"flow_action": "navigate", "flow_action_payload": first} if screen else {})
    action = {"name": "flow", "parameters": parameters}
    return _interactive("flow", _shortened(words, CAPTION_LIMIT), action)


def reaction(message_id: str, emoji: str) -> Part:
    """On a message of the same conversation; an empty ``emoji`` takes it back."""
    return {"type": "reaction", "reaction": {"message_id": message_id, "emoji": emoji}}


def read_and_typing(message_id: str) -> Part:
    """The two ticks, and "typing" for 25 seconds or until we answer."""
    return {"status": "read", "message_id": message_id, "typing_indicator": {"type": "text"}}


def location(latitude: float, longitude: float, name: str = "", address: str = "") -> Part:
    words = {"name": name, "address": address} if name else {}
    return {"type": "location", "location": {"latitude": latitude, "longitude": longitude, **words}}


def contact(phone_number: str, first_name: str, last_name: str | None) -> Part:
    name = {"formatted_name": f"{first_name} {last_name or ''}".strip(), "first_name": first_name}
    card = {
        "name": name | ({"last_name": last_name} if last_name else {}),
        "phones": [{"phone": phone_number}],
    }
    return {"type": "contacts", "contacts": [card]}


def fit_buttons(taps: Sequence[Choice]) -> bool:
    """Whether all these choices show whole as buttons."""
    return len(taps) <= MAX_BUTTONS and all(len(visible(choice.label)) <= MAX_BUTTON_LABEL for choice in taps)


def _below(words: str, lines: str, limit: int) -> str:
    """The words and below them the lines, which are kept whole as long as anything can be cut before them."""
    if not lines:
        return _shortened(words, limit)
    if not words.strip():
        return _shortened(lines, limit)
    room = limit - len(lines) - 2
    return f"{_shortened(words, room)}\n\n{lines}" if room > 0 else _shortened(lines, limit)


def _shortened(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def _interactive(kind: str, words: str, action: Part, header: Part | None = None) -> Part:
    whole: Part = {"type": kind, "body": {"text": words}, "action": action}
    return {"type": "interactive", "interactive": whole | ({"header": header} if header else {})}


def _buttons(words: str, taps: Sequence[Choice], header: Part | None = None) -> Part:
    labels = titles([choice.label for choice in taps], MAX_BUTTON_LABEL)
    replies = [
        {"type": "reply", "reply": {"id": encode(n, choice), "title": label}}
        for n, (choice, label) in enumerate(zip(taps, labels, strict=True), start=1)
    ]
    return _interactive("button", words, {"buttons": replies}, header)


def _list(words: str, taps: Sequence[Choice], list_label: str) -> Part:
    labels = titles([choice.label for choice in taps], MAX_ROW_TITLE)
    rows = [
        {"id": encode(n, choice), "title": label} | _whole_label(choice.label)
        for n, (choice, label) in enumerate(zip(taps, labels, strict=True), start=1)
    ]
    return _interactive("list", words, {"button": list_label, "sections": [{"rows": rows}]})


def _whole_label(label: str) -> Part:
    """A label that its row cannot show, once more below it."""
    line = visible(label)
    return {"description": cut(line, MAX_ROW_DESCRIPTION)} if len(line) > MAX_ROW_TITLE else {}


def _link(words: str, choice: Choice) -> Part:
    shown = {"display_text": cut(choice.label, MAX_BUTTON_LABEL), "url": choice.url}
    return _interactive("cta_url", words, {"name": "cta_url", "parameters": shown})
