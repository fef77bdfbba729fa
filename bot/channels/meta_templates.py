"""The templates of a WhatsApp account or a Page, as Meta lists them.

Shape:  ``data[]{name, language, category, status, components[]{type: BODY, text}}``;
        ``paging.cursors.after``, and ``paging.next`` while there are more.
Source: Meta, Graph API, "WhatsApp Business Account > Message Templates", "Page > Message Templates", v25.0.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.base import RegisteredTemplate
from bot.channels.meta_graph import GraphApi
from bot.channels.shape import listing, mapping, text

FIELDS: Final = "name,language,category,status,components"
PAGE, MOST_PAGES = 100, 70  # Meta keeps at most 6,000 for an account

_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


async def templates(graph: GraphApi, owner: str) -> Sequence[RegisteredTemplate]:
    """All templates of a WhatsApp account or Page.  Raises: DeliveryFailed."""
    found: list[RegisteredTemplate] = []
    query = {"fields": FIELDS, "limit": str(PAGE)}
    for _ in range(MOST_PAGES):
        answer = await graph.get(owner, "message_templates", **query)
        found += [_template(mapping(one)) for one in listing(answer.get("data"))]
        paging = mapping(answer.get("paging"))
        after = text(mapping(paging.get("cursors")).get("after"))
        if not paging.get("next") or not after:
            break
        query["after"] = after
    return [one for one in found if one.name and one.language]


def _template(listed: Mapping[str, Any]) -> RegisteredTemplate:
    parts = [mapping(part) for part in listing(listed.get("components"))]
    body = next((text(part.get("text")) for part in parts if text(part.get("type")).upper() == "BODY"), "")
    return RegisteredTemplate(
        name=text(listed.get("name")),
        language=text(listed.get("language")),
        category=text(listed.get("category")).upper(),
        status=text(listed.get("status")).upper(),
        parameters=tuple(dict.fromkeys(_VARIABLE.findall(body))),
    )
