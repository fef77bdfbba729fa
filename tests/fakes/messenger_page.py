"""The office's Page on the pretend Graph API: its subscription, its token, its templates, its profile.

Source: Meta, Graph API, "Page", "Page Subscribed Apps", "Page Message Templates", "Debug-Token";
Messenger Platform, "User Profile".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import messenger_templates
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_fields import Json, a_word, an_object
from tests.fakes.messenger_files import read_call
from tests.fakes.messenger_templates import UtilityTemplate
from tests.fakes.messenger_threads import MessengerThreads

PAGE_NAME = "Disdukcapil Rote Ndao"
FIELDS = (
    "messages",
    "message_edits",
    "message_echoes",
    "message_reactions",
    "message_deliveries",
    "message_reads",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "standby",
    "feed",
    "message_template_status_update",
)
SCOPES = (
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_utility_messaging",
    "pages_show_list",
)


class MessengerPage(MessengerThreads):
    """``subscribed_fields``: what the app hears of (empty: not subscribed). ``scopes`` of the token.

    ``reviewed``: Meta's verdict on a submitted template comes at once; otherwise it stays PENDING until
    `review` is called.
    """

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.templates: dict[tuple[str, str], UtilityTemplate] = {}
        self.subscribed_fields: set[str] = set(FIELDS)
        self.scopes: set[str] = set(SCOPES)
        self.token_expires_at = 0  # seconds since 1970; 0: never
        self.reviewed = True
        self.profile: Json = {}

    # ------------------------------------------------------------------ templates

    def register_template(
        self, name: str, body: str, *, language: str = "id", **fields: Any
    ) -> UtilityTemplate:
        """Submits and approves a template (fields of `UtilityTemplate`).  Raises `MessengerRefusal`."""
        template = UtilityTemplate(name, body, language, **fields)
        messenger_templates.check_submission(template)
        return self._keep_template(template)

    def review(self, name: str, status: str, *, language: str = "id", reason: str = "") -> UtilityTemplate:
        """Meta's verdict, or a change of it, on a template."""
        template = self.templates[name, language]
        template.status, template.rejected_reason = status, reason
        return template

    def _keep_template(self, template: UtilityTemplate) -> UtilityTemplate:
        template.id = template.id or f"{10**15 + self.next_number()}"
        self.templates[template.name, template.language] = template
        return template

    async def _submit_template(self, request: web.Request) -> Json:
        self.must_be_page(request)
        if "pages_utility_messaging" not in self.scopes:
            lacking = MessengerRefusal(200, "Requires pages_utility_messaging permission")
            self.note_refusal(lacking, request.path)
        try:
            template = messenger_templates.submitted((await read_call(request))[0])
            if (template.name, template.language) in self.templates:
                raise MessengerRefusal(100, "There is already a template of this name and language")
        except MessengerRefusal as refusal:
            self.note_refusal(refusal, request.path)
        template.status = "PENDING"
        self._keep_template(template)
        if self.reviewed:
            template.status, template.rejected_reason = messenger_templates.verdict(template)
        return {"id": template.id, "status": template.status, "category": "UTILITY"}

    async def _list_templates(self, request: web.Request) -> Json:
        """``limit`` (25) a page from the cursor ``after``; ``name``, ``status`` and ``language`` filter."""
        self.must_be_page(request)
        wanted = [template.as_listed() for template in self.templates.values()]
        for field in ("name", "status", "language"):
            if field in request.query:
                wanted = [listed for listed in wanted if listed[field] == request.query[field]]
        start, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "25"))
        end = start + limit
        paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(wanted):
            paging["next"] = str(request.url.update_query(after=end))
        return {"data": wanted[start:end], "paging": paging}

    async def _delete_template(self, request: web.Request) -> Json:
        """Every language of a ``name``, or the one of this ``hsm_id``."""
        self.must_be_page(request)
        name, ident = request.query.get("name"), request.query.get("hsm_id")
        kept = self.templates.items()
        gone = [key for key, one in kept if (one.id == ident if ident else one.name == name)]
        if not gone:
            self.note_refusal(MessengerRefusal(100, "The template cannot be found"), request.path)
        for key in gone:
            del self.templates[key]
        return {"success": True}

    # ------------------------------------------------------------------ the Page and its token

    async def _node(self, request: web.Request) -> Json:
        """The Page, or a person's profile."""
        node = request.match_info["node"]
        fields = {name for name in request.query.get("fields", "").split(",") if name}
        if node in (self.page_id, "me"):
            page = {"name": PAGE_NAME, "id": self.page_id}
            return {name: value for name, value in page.items() if not fields or name in fields | {"id"}}
        person = self.people.find(node)
        if person is None:
            words = f"Unsupported get request. Object with ID '{node}' does not exist"
            self.note_refusal(MessengerRefusal(100, words, subcode=33), request.path)
        if not person.has_profile:
            words = "No profile available for this user."
            self.note_refusal(MessengerRefusal(100, words, subcode=2018218), request.path)
        first, _, last = person.name.partition(" ")
        profile = {"first_name": first, "last_name": last, "name": person.name, "id": person.psid}
        return {name: value for name, value in profile.items() if name in fields | {"id"}}

    async def _debug_token(self, request: web.Request) -> Json:
        valid = request.query.get("input_token") == self.access_token
        data: Json = {"app_id": self.app_id, "type": "PAGE", "application": "Loket", "is_valid": valid}
        if valid:
            data |= {"profile_id": self.page_id, "scopes": sorted(self.scopes)}
            data |= {"expires_at": self.token_expires_at, "data_access_expires_at": self.token_expires_at}
        else:
            data |= {"error": {"code": 190, "message": "Invalid OAuth access token."}, "scopes": []}
        return {"data": data}

    async def _subscriptions(self, request: web.Request) -> Json:
        self.must_be_page(request)
        app: Json = {"link": "https://loket.test", "name": "Loket", "id": self.app_id}
        app["subscribed_fields"] = sorted(self.subscribed_fields)
        return {"data": [app] if self.subscribed_fields else []}

    async def _subscribe(self, request: web.Request) -> Json:
        """``subscribed_fields`` as a list or joined by commas, in the body or the query."""
        self.must_be_page(request)
        payload, _ = await read_call(request)
        given = payload.get("subscribed_fields", request.query.get("subscribed_fields", ""))
        fields = given if isinstance(given, list) else [name for name in str(given).split(",") if name]
        try:
            if not fields:
                raise MessengerRefusal(100, "The parameter subscribed_fields is required.")
            for position, field in enumerate(fields):
                a_word(field, f"subscribed_fields[{position}]", FIELDS)
        except MessengerRefusal as refusal:
            self.note_refusal(refusal, request.path)
        self.subscribed_fields = set(fields)
        return {"success": True}

    async def _get_profile(self, request: web.Request) -> Json:
        self.must_be_page(request)
        fields = request.query.get("fields", "").split(",")
        shown = {name: value for name, value in self.profile.items() if name in fields}
        return {"data": [shown] if shown else []}

    async def _set_profile(self, request: web.Request) -> Json:
        """What stands before the first word: Get Started, greeting, menu, ice breakers."""
        self.must_be_page(request)
        payload, _ = await read_call(request)
        may = [
            "get_started",
            "greeting",
            "persistent_menu",
            "ice_breakers",
            "whitelisted_domains",
            "commands",
        ]
        try:
            part = an_object(payload, "messenger_profile", may=may)
            if "persistent_menu" in part and "get_started" not in part | self.profile:
                words = "You must set a Get Started button if you also wish to use persistent menu."
                raise MessengerRefusal(100, words)
        except MessengerRefusal as refusal:
            self.note_refusal(refusal, request.path)
        self.profile |= part
        return {"result": "success"}
