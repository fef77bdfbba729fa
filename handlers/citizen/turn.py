"""One thing a citizen did, with all that is needed to answer it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiogram import BaseMiddleware, Bot, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, TelegramObject

from handlers.citizen.steps import Identity, Step
from handlers.middleware import answer
from models.contacts import Contact
from models.files import StoredFile
from models.requests import Request, RequestState

Scan = tuple[StoredFile, str | None]  # a file and its caption

_REQUEST: Final = "request"  # id of the draft whose form is being filled in
_WISH: Final = "wish"  # the step the citizen asked to see again
_CHECK: Final = "check"  # the step that asks whether the last answer is meant so
_ASKED_AT: Final = "asked_at"  # when the form asked last, ISO
_CANDIDATE: Final = "candidate"  # code of the village that was shown back
_HELD: Final = "held"  # [[file id, caption or null], …]: papers that belong to no request yet


async def draft_in(state: FSMContext, contact: Contact) -> Request | None:
    """The draft a conversation is about, if it is the contact's and still a draft."""
    request_id = (await state.get_data()).get(_REQUEST)
    if request_id is None:
        return None
    return await Request.get_or_none(id=request_id, contact_id=contact.id, state=RequestState.DRAFT)


async def asked_at(state: FSMContext) -> datetime | None:
    """When the form asked last; aware UTC."""
    asked = (await state.get_data()).get(_ASKED_AT)
    return None if asked is None else datetime.fromisoformat(asked)


async def holds(state: FSMContext) -> bool:
    """Whether papers are held that belong to no request yet."""
    return bool((await state.get_data()).get(_HELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """``album``: every message of the step; ``files``: what they brought, in their order."""

    event: Message | CallbackQuery
    bot: Bot
    contact: Contact
    channel: str
    account: str
    identity: Identity
    state: FSMContext
    now: datetime
    files: Sequence[StoredFile]
    album: Sequence[Message]

    @property
    def text(self) -> str:
        """What was typed; empty for anything else."""
        return (self.event.text or "").strip() if isinstance(self.event, Message) else ""

    async def answer(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        await answer(self.event, self.bot, text, keyboard)

    async def draft(self) -> Request | None:
        """The draft whose form is being filled in, if it still is one."""
        return await draft_in(self.state, self.contact)

    async def enter(self, request: Request, wish: Step | None = None) -> None:
        """From now on the conversation is about this draft."""
        await self.state.update_data({_REQUEST: request.id, _WISH: wish, _CANDIDATE: None})

    async def leave(self) -> None:
        """Leave the form or whatever else was going on; drafts and held papers stay."""
        await self.state.set_state(None)
        held = (await self.state.get_data()).get(_HELD)
        await self.state.set_data({_HELD: held} if held else {})

    async def check(self, step: Step | None) -> None:
        """An answer has to be confirmed at this step before the form goes on; None: it was."""
        await self.state.update_data({_CHECK: step})

    async def unconfirmed(self) -> Step | None:
        """The step at which an answer waits to be confirmed."""
        step = (await self.state.get_data()).get(_CHECK)
        return None if step is None else Step(step)

    async def asks(self) -> None:
        """The form asks something now."""
        await self.state.update_data({_ASKED_AT: self.now.isoformat()})

    async def wish(self) -> Step | None:
        wish = (await self.state.get_data()).get(_WISH)
        return None if wish is None else Step(wish)

    async def candidate(self) -> str | None:
        """The code of the village that was shown back and not confirmed yet."""
        code: str | None = (await self.state.get_data()).get(_CANDIDATE)
        return code

    async def show_candidate(self, code: str | None) -> None:
        await self.state.update_data({_CANDIDATE: code})

    async def hold(self, scans: Sequence[Scan]) -> None:
        """Keep papers until it is known which request they belong to."""
        held = (await self.state.get_data()).get(_HELD) or []
        await self.state.update_data({_HELD: held + [[scan.id, caption] for scan, caption in scans]})

    async def held(self) -> list[Scan]:
        """The papers that belong to no request yet."""
        held = (await self.state.get_data()).get(_HELD) or []
        scans = {scan.id: scan for scan in await StoredFile.filter(id__in=[scan_id for scan_id, _ in held])}
        return [(scans[scan_id], caption) for scan_id, caption in held if scan_id in scans]

    async def release(self) -> None:
        """They belong to a request now."""
        await self.state.update_data({_HELD: []})


class HandsInTurn(BaseMiddleware):
    """Gathers what the core and `handlers.middleware` hand in into one ``turn``."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if isinstance(event, Message | CallbackQuery):
            data["turn"] = Turn(
                event=event,
                bot=data["bot"],
                contact=data["contact"],
                channel=data["channel"],
                account=data["account"],
                identity=data["identity"],
                state=data["state"],
                now=data["now"],
                files=data.get("files", ()),
                album=data.get("album") or ([event] if isinstance(event, Message) else ()),
            )
        return await handler(event, data)


def install(router: Router) -> None:
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.middleware(HandsInTurn())
