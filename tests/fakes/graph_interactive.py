"""Messages that can be tapped, as the WhatsApp Cloud API takes and refuses them.

Source: Meta, "Interactive reply buttons", "Interactive list", "Interactive CTA URL", "Flows: sending a flow",
"Location request messages", "Business-scoped user IDs: requesting phone numbers".
"""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_rules import (
    MAX_CAPTION,
    MAX_TEXT,
    MEDIA_KINDS,
    Content,
    Json,
    a_list,
    a_string,
    a_web_address,
    an_object,
    media,
    no_two_alike,
)
from tests.fakes.ledger import Button

MAX_HEADER = MAX_FOOTER = 60
MAX_BUTTONS = 3
MAX_BUTTON_TITLE = MAX_LIST_BUTTON = 20
MAX_BUTTON_ID = 256
MAX_SECTIONS = MAX_ROWS = 10
MAX_ROW_TITLE = MAX_SECTION_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MAX_ROW_ID = 200
MAX_FLOW_TOKEN = 200


def interactive(part: object) -> Content:
    if not isinstance(part, dict):
        raise GraphRefusal(100, "Param interactive must be a JSON object.")
    read = _ACTIONS.get(str(part.get("type")))
    if read is None:
        raise GraphRefusal(131009, f"interactive['type'] must be one of {', '.join(_ACTIONS)}.")
    kind = str(part["type"])
    bare = kind in _WITHOUT_EDGES
    whole = an_object(
        part, "interactive", needs=["type", "body", "action"], may=[] if bare else ["header", "footer"]
    )
    body = an_object(whole["body"], "interactive['body']", may=["text"])
    most = MAX_TEXT if kind == "list" else MAX_CAPTION
    texts = [a_string(body.get("text", ""), "interactive['body']['text']", most=most)]
    media_id, media_kind = "", ""
    if "header" in whole:
        title, media_id, media_kind = _header(whole["header"], text_only=kind in ("list", "flow"))
        texts[:0] = [title] if title else []
    if "footer" in whole:
        footer = an_object(whole["footer"], "interactive['footer']", may=["text"])
        texts.append(a_string(footer.get("text", ""), "interactive['footer']['text']", most=MAX_FOOTER))
    buttons = read(whole["action"])
    return Content(f"interactive.{kind}", "\n".join(texts), buttons, media_id, media_kind)


def _header(part: object, *, text_only: bool) -> tuple[str, str, str]:
    """The title, or the media id and its kind, above an interactive message."""
    header = an_object(part, "interactive['header']", needs=["type"], may=["text", *MEDIA_KINDS])
    kind = header["type"]
    if kind == "text":
        return a_string(header.get("text", ""), "interactive['header']['text']", most=MAX_HEADER), "", ""
    if text_only or kind not in ("image", "video", "document"):
        raise GraphRefusal(131009, f"interactive['header'] of type {kind} is not allowed here.")
    file = media(kind)(header.get(kind))
    return "", file.media_id, kind


def _buttons(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", may=["buttons"])
    where = "interactive['action']['buttons']"
    buttons = []
    for item in a_list(action.get("buttons"), where, least=1, most=MAX_BUTTONS):
        an_object(item, where, needs=["type", "reply"])
        if item["type"] != "reply":
            raise GraphRefusal(131009, f"{where}['type'] must be reply.")
        reply = an_object(item["reply"], f"{where}['reply']", may=["id", "title"])
        title = a_string(reply.get("title", ""), "Button title", most=MAX_BUTTON_TITLE)
        ident = a_string(reply.get("id", ""), "Button id", most=MAX_BUTTON_ID)
        if ident != ident.strip():
            raise GraphRefusal(131009, "Button id may not begin or end with a space.")
        buttons.append(Button(title, ident))
    no_two_alike([button.id for button in buttons], "button id")
    no_two_alike([button.title for button in buttons], "button title")
    return tuple(buttons)


def _rows(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", may=["button", "sections"])
    a_string(action.get("button", ""), "List button", most=MAX_LIST_BUTTON)
    where = "interactive['action']['sections']"
    sections = a_list(action.get("sections"), where, least=1, most=MAX_SECTIONS)
    rows: list[Button] = []
    for section in sections:
        an_object(section, where, may=["title", "rows"])
        if len(sections) > 1 or "title" in section:
            a_string(section.get("title", ""), "Section title", most=MAX_SECTION_TITLE)
        rows += [_row(row) for row in a_list(section.get("rows"), f"{where}['rows']", least=1, most=1000)]
    if len(rows) > MAX_ROWS:
        raise GraphRefusal(131009, f"Total row count exceed max allowed count: {MAX_ROWS}.")
    no_two_alike([row.id for row in rows], "row id")
    return tuple(rows)


def _row(part: object) -> Button:
    row = an_object(part, "row", may=["id", "title", "description"])
    title = a_string(row.get("title", ""), "Row title", most=MAX_ROW_TITLE)
    ident = a_string(row.get("id", ""), "Row id", most=MAX_ROW_ID)
    told = row.get("description")
    description = "" if told is None else a_string(told, "Row description", most=MAX_ROW_DESCRIPTION)
    return Button(title, ident, description, row=True)


def _link(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", needs=["name", "parameters"])
    if action["name"] != "cta_url":
        raise GraphRefusal(131009, "interactive['action']['name'] must be cta_url.")
    link = an_object(action["parameters"], "interactive['action']['parameters']", may=["display_text", "url"])
    title = a_string(link.get("display_text", ""), "Button title", most=MAX_BUTTON_TITLE)
    return (Button(title, url=a_web_address(link.get("url", ""), "Button url")),)


def _flow(part: object) -> tuple[Button, ...]:
    """A form: by id or by name, with the token that comes back and the label that opens it.

    ``navigate`` (also when no action is said) may name the first screen and fill it; ``data_exchange`` asks
    the office's endpoint.
    """
    action = an_object(part, "interactive['action']", needs=["name", "parameters"])
    where = "interactive['action']['parameters']"
    optional = ["flow_id", "flow_name", "flow_token", "mode", "flow_action", "flow_action_payload"]
    flow = an_object(action["parameters"], where, needs=["flow_message_version", "flow_cta"], may=[*optional])
    if action["name"] != "flow" or flow["flow_message_version"] != "3":
        raise GraphRefusal(131009, "interactive['action'] must be a flow of message version 3.")
    if bool(flow.get("flow_id")) == bool(flow.get("flow_name")):
        raise GraphRefusal(131009, f"Exactly one of {where}['flow_id'] and ['flow_name'] is required.")
    a_string(flow.get("flow_token", "unused"), f"{where}['flow_token']", most=MAX_FLOW_TOKEN)
    if flow.get("mode", "published") not in ("published", "draft"):
        raise GraphRefusal(131009, f"{where}['mode'] must be published or draft.")
    _flow_action(flow, where)
    title = a_string(flow["flow_cta"], f"{where}['flow_cta']", most=MAX_BUTTON_TITLE)
    return (Button(title, flow=str(flow.get("flow_id") or flow["flow_name"])),)


def _flow_action(flow: Json, where: str) -> None:
    kind = flow.get("flow_action", "navigate")
    if kind not in ("navigate", "data_exchange"):
        raise GraphRefusal(131009, f"{where}['flow_action'] must be navigate or data_exchange.")
    if "flow_action_payload" not in flow:
        return
    if kind != "navigate":
        raise GraphRefusal(131009, f"{where}['flow_action_payload'] belongs to navigate only.")
    first = an_object(
        flow["flow_action_payload"], f"{where}['flow_action_payload']", needs=["screen"], may=["data"]
    )
    if "data" in first and (not isinstance(first["data"], dict) or not first["data"]):
        raise GraphRefusal(131009, f"{where}['flow_action_payload']['data'] must be a filled object.")


def _asks_for(name: str, title: str) -> Callable[[object], tuple[Button, ...]]:
    """A button of WhatsApp's own, whose label is WhatsApp's, too."""

    def read(part: object) -> tuple[Button, ...]:
        action = an_object(part, "interactive['action']", needs=["name"])
        if action["name"] != name:
            raise GraphRefusal(131009, f"interactive['action']['name'] must be {name}.")
        return (Button(title, asks=name),)

    return read


_ACTIONS: dict[str, Callable[[object], tuple[Button, ...]]] = {
    "button": _buttons,
    "list": _rows,
    "cta_url": _link,
    "flow": _flow,
    "location_request_message": _asks_for("send_location", "Kirim lokasi"),
    "request_contact_info": _asks_for("request_contact_info", "Bagikan kontak"),
}
_WITHOUT_EDGES = frozenset({"location_request_message", "request_contact_info"})  # no header, no footer
