"""Steps of a bot that this project did not write.

Its handlers may wait for the network, so no transaction stands open while they run.  What they said, the
states they left and the mark that the event is done are committed together at the end.  A handler that
raises has said what it said before, as under aiogram's own polling; its event is set aside under the error's
name, and not tried again.
"""

import asyncio
import contextlib
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from aiogram import Bot
from aiogram.types import Message, Update
from pydantic import ValidationError

from bot import directory, ids
from bot.directory import Talk
from bot.fsm_values import FindModule
from bot.handling import MOST_TRIES, PAUSES, HandledElsewhere, Handling, Host, KilledUs
from bot.lanes import Arrived
from bot.message_log import MessageLog
from bot.numbers import Numbers
from bot.step import Step, enter
from bot.unsaid import Unsaid
from models.contacts import Contact
from models.database import AWAY, transaction
from models.failpoint import failpoint
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxMessage

log = structlog.get_logger(__name__)

_SPOKEN = frozenset({InboxKind.MESSAGE, InboxKind.INTERNAL, InboxKind.OTHER})


class Hosting(Handling):
    """`Handling` for foreign handlers.  ``on_said``: something waits to be delivered while a step runs."""

    def __init__(self, *args: Any, messages: MessageLog, on_said: Callable[[], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._messages = messages
        self._on_said = on_said
        self._numbers = Numbers("outbox")

    async def __call__(self, step: Sequence[Arrived]) -> None:
        first = step[0].event
        if first.kind not in _SPOKEN or first.contact_id is None:
            await super().__call__(step)
            return
        step = sorted(step, key=lambda a: (a.event.sent_at or a.event.received_at, a.event.id))
        tries = max(arrived.event.tries for arrived in step)
        try:
            if tries >= MOST_TRIES:
                raise KilledUs
            host, contact, talk = await self._patiently(lambda: self._begin(step, tries))
        except Exception as error:
            await self._set_aside(step, error)
            return
        await self._carry_out(step, host, contact, talk)
        failpoint("handle.committed")
        self.on_done()

    async def _begin(self, step: Sequence[Arrived], tries: int) -> tuple[Host, Contact, Talk]:
        failpoint("handle.started")
        if tries:
            await self._count_try(step, tries)
        first = step[0].event
        contact = await self._whose(step)
        if contact is None:
            raise LookupError("contact")
        talk = await directory.conversation(first.office_id, contact.id, first.channel, first.account)
        return self._hosts[(first.channel, first.account)], contact, talk

    async def _set_aside(self, step: Sequence[Arrived], error: Exception) -> None:
        parked = await self._park(step, error)
        while not parked:
            await asyncio.sleep(PAUSES[-1])
            parked = await self._park(step, error)

    async def _carry_out(self, step: Sequence[Arrived], host: Host, contact: Contact, talk: Talk) -> None:
        first = step[0].event
        again = any(arrived.event.tries for arrived in step)
        chat_id = await self._patiently(
            lambda: self._people.chat_id(contact.id, first.channel, first.account)
        )
        said = self.unsaid(first.id, again=again)
        here = Step(
            contact.id,
            first.channel,
            first.account,
            chat_id=chat_id,
            office_id=first.office_id,
            unsaid=said,
        )
        error = await self.listen(step, host, contact, talk, here)
        with contextlib.suppress(HandledElsewhere):
            await self._patiently(
                lambda: transaction(lambda: self._keep(step, host, talk, here, said, error))
            )

    def unsaid(self, event_id: int, *, again: bool = False) -> Unsaid:
        """Where the step of this event keeps what it says; ``again``: it ran before."""
        return Unsaid(event_id, self._numbers, self._on_said, again=again)

    @property
    def find_module(self) -> FindModule:
        """Where the classes of kept objects are found."""
        return self._fsm.find_module

    def host(self, channel: str, account: str) -> Host:
        return self._hosts[(channel, account)]

    async def listen(
        self, step: Sequence[Arrived], host: Host, contact: Contact, talk: Talk, here: Step
    ) -> Exception | None:
        """Let the handlers have it, to the end; what they raised."""
        here.contact = contact
        here.events = [arrived.event for arrived in step]
        enter(here)
        try:
            return await self._listen(step, host, contact, talk)
        finally:
            here.over = True
            enter(None)
            if here.unsaid is not None:
                await here.unsaid.settle()

    async def _listen(
        self, step: Sequence[Arrived], host: Host, contact: Contact, talk: Talk
    ) -> Exception | None:
        facts = {"contact": contact, "in_doubt": talk.in_doubt}
        try:
            for arrived in step:
                updates = await self._updates(host, contact, talk, arrived)
                await self._feed(host, facts, updates, arrived.files)
        except Exception as error:
            where = [
                f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
            ]
            log.error(
                "host.handler_failed", inbox=step[0].event.id, error=type(error).__name__, where=where[-5:]
            )
            return error
        return None

    async def _keep(
        self,
        step: Sequence[Arrived],
        host: Host,
        talk: Talk,
        here: Step,
        said: Unsaid,
        error: Exception | None,
    ) -> None:
        await said.keep()
        await self._fsm.flush(here)
        await self._touch(talk, here, host.adapter, step)
        state = InboxState.DONE if error is None else InboxState.PARKED
        await self._mark(step, state, type(error).__name__ if error is not None else None)
        failpoint("handle.written")

    async def _patiently(self, work: Callable[[], Any]) -> Any:
        """The result, however long the database is away."""
        while True:
            try:
                return await work()
            except AWAY as error:
                log.error("step.waits", error=type(error).__name__)
                await asyncio.sleep(PAUSES[1])

    async def _updates(self, host: Host, contact: Contact, talk: Talk, arrived: Arrived) -> list[Update]:
        """With the whole message where an update names one of ours: its words, its buttons."""
        updates = await super()._updates(host, contact, talk, arrived)
        if host.adapter.caps.own_chat_ids is not None:  # the platform has told them
            return updates
        place = (contact.id, arrived.event.channel, arrived.event.account)
        return [await self._with_whole_messages(update, place, host.bot) for update in updates]

    async def _with_whole_messages(self, update: Update, place: tuple[int, str, str], bot: Bot) -> Update:
        tap, said = update.callback_query, update.message
        if tap is not None and isinstance(tap.message, Message):
            named = tap.message.model_copy(update={"message_id": await _edited(tap.message.message_id)})
            whole = await self._whole(named, place, bot)
            return update.model_copy(
                update={"callback_query": tap.model_copy(update={"message": whole}).as_(bot)}
            ).as_(bot)
        if said is not None and said.reply_to_message is not None:
            whole = await self._whole(said.reply_to_message, place, bot)
            return update.model_copy(
                update={"message": said.model_copy(update={"reply_to_message": whole}).as_(bot)}
            ).as_(bot)
        return update

    async def _whole(self, named: Message, place: tuple[int, str, str], bot: Bot) -> Message:
        if not named.message_id:
            return named
        try:
            found = await self._messages.message(*place, named.message_id, bot)
        except ValidationError:
            return named
        if found is None:
            return named
        return found.model_copy(update={"chat": named.chat, "message_id": named.message_id}).as_(bot)

    async def _our_message(self, external_id: str | None, contact: Contact, event: InboxEvent) -> int | None:
        found = await super()._our_message(external_id, contact, event)
        return await _edited(found) if found is not None else None


async def _edited(message_id: int) -> int:
    """An edit that went out as a new message goes by the id of the message that it edits."""
    outbox = ids.outbox_id(message_id)
    row = await OutboxMessage.get_or_none(id=outbox) if outbox is not None else None
    if row is None or not row.name.startswith("edit"):
        return message_id
    payload: Mapping[str, Any] = json.loads(row.payload)
    edited = payload.get("message_id")
    return edited if isinstance(edited, int) and edited > 0 else message_id
