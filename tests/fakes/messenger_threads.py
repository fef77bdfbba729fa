"""Who holds a conversation of the Page: our app, or another one, such as the people in the Page's inbox.

Source: Meta, Messenger Platform, "Conversation Routing"; the words of 2018300 as clients report them.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_fields import Json, an_object
from tests.fakes.messenger_files import MessengerFiles, read_call
from tests.fakes.messenger_people import People

APP_ID = "670843887433847"
PAGE_INBOX = "263902037430900"  # Meta's own app: the people who answer in the Page's inbox


class MessengerThreads(MessengerFiles):
    app_id: str = APP_ID

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.people = People()

    async def _pass_control(self, request: web.Request) -> Json:
        """Hands the conversation to another app, for example the Page's inbox."""
        return await self._move_control(request, needs=["recipient", "target_app_id"])

    async def _take_control(self, request: web.Request) -> Json:
        return await self._move_control(request, needs=["recipient"])

    async def _release_control(self, request: web.Request) -> Json:
        return await self._move_control(request, needs=["recipient"])

    async def _move_control(self, request: web.Request, needs: list[str]) -> Json:
        self.must_be_page(request)
        payload, _ = await read_call(request)
        try:
            call = an_object(payload, "call", needs=needs, may=["metadata", "access_token"])
            person = self.people.find(str(an_object(call["recipient"], "recipient", needs=["id"])["id"]))
            if person is None:
                raise MessengerRefusal.named("100/2018001")
            taking = request.path.endswith("take_thread_control")
            if not taking and person.has_control:
                words = "Thread control change failed: this app does not own the thread"
                raise MessengerRefusal(10, words, subcode=2018300)
        except MessengerRefusal as refusal:
            self.note_refusal(refusal, request.path)
        person.has_control = "" if taking else str(call.get("target_app_id", PAGE_INBOX))
        return {"success": True}

    async def _thread_owner(self, request: web.Request) -> Json:
        self.must_be_page(request)
        person = self.people.find(request.query.get("recipient", ""))
        if person is None:
            self.note_refusal(MessengerRefusal.named("100/2018001"), request.path)
        return {"data": [{"thread_owner": {"app_id": person.has_control or self.app_id}}]}
