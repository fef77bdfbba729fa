"""The office's account on the pretend Graph API: its number, its subscription, its templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import graph_templates
from tests.fakes.graph_node import GraphNode
from tests.fakes.graph_templates import Template

Json = dict[str, Any]
APP = {"id": "670843887433847", "name": "Loket", "link": "https://loket.test"}


class GraphAccount(GraphNode):
    """``templates`` by name and language; ``subscribed``: the app hears of what people write.

    ``messaging_limit`` (people a day that we may write to first): TIER_250, TIER_2K, TIER_10K, TIER_100K or
    TIER_UNLIMITED; ``quality``: GREEN, YELLOW or RED.
    """

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.templates: dict[tuple[str, str], Template] = {}
        self.subscribed = True
        self.messaging_limit = "TIER_2K"
        self.quality = "GREEN"

    def register_template(self, name: str, body: str, **fields: Any) -> Template:
        """Submits and approves a template (fields of `Template`).  Raises `TemplateNotAccepted`."""
        template = Template(name, body, **fields)
        graph_templates.check_submission(template)
        self.templates[template.name, template.language] = template
        return template

    def _number(self, fields: str) -> Json:
        whole = {
            "verified_name": "Disdukcapil Rote Ndao",
            "display_phone_number": "+62 811-3810-0100",
            "quality_rating": self.quality,
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "status": "CONNECTED",
            "whatsapp_business_manager_messaging_limit": self.messaging_limit,
            "id": self.phone_number_id,
        }
        wanted = {name for name in fields.split(",") if name}
        return {name: value for name, value in whole.items() if not wanted or name in wanted | {"id"}}

    async def _subscriptions(self, request: web.Request) -> Json:
        self._must_be(request, self.waba_id)
        return {"data": [{"whatsapp_business_api_data": APP}] if self.subscribed else []}

    async def _subscribe(self, request: web.Request) -> Json:
        self._must_be(request, self.waba_id)
        self.subscribed = True
        return {"success": True}

    async def _list_templates(self, request: web.Request) -> Json:
        """``limit`` (25) a page from the cursor ``after``; ``name`` (a part of it), ``status``, ``category``
        and ``language`` (several by comma) filter; ``fields`` choose, ``summary`` counts."""
        self._must_be(request, self.waba_id)
        wanted = [t.as_listed() for t in self.templates.values()]
        if "name" in request.query:
            wanted = [listed for listed in wanted if request.query["name"] in listed["name"]]
        for field in ("status", "category", "language"):
            if field in request.query:
                wanted = [one for one in wanted if one[field] in request.query[field].split(",")]
        start, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "25"))
        page, end = wanted[start : start + limit], start + limit
        paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(wanted):
            paging["next"] = str(request.url.update_query(after=end).with_scheme("http"))
        if fields := [name for name in request.query.get("fields", "").split(",") if name]:
            page = [{name: one[name] for name in (*fields, "id") if name in one} for one in page]
        summary = {"total_count": len(wanted), "message_template_count": len(self.templates)}
        summary |= {"message_template_limit": 250, "are_translations_complete": True}
        return {"data": page, "paging": paging} | ({"summary": summary} if "summary" in request.query else {})
