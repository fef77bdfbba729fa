"""The fast path: handle first, and keep the event with all that came of it in one commit, shared by many.

For a bot whose handlers hold no transaction, and an event that needs no files and finds its lane idle.  What
takes longer than its provider should wait is stored meanwhile and acknowledged; what the database has seen
before, or somebody else overtook, has not happened here.  Rows and promises are those of the plain path.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiogram.fsm.storage.base import DefaultKeyBuilder, StorageKey

from bot import fsm_values, jsontext
from bot.at_once import AtOnce, Pass, Person
from bot.black_box import BlackBox
from bot.channels.base import AddressKey, ChannelAdapter, Incoming
from bot.channels.shape import shown_name
from bot.clock import Clock
from bot.directory import Directory, Talk
from bot.handling import PAUSES, open_until
from bot.hosting import Hosting
from bot.inbox import Inbox, NotStored
from bot.lanes import Arrived, Lanes
from bot.numbers import Numbers
from bot.step import FsmEntry, Step
from models import hot
from models.contacts import Contact
from models.database import AWAY
from models.failpoint import failpoint
from models.inbox import InboxEvent, InboxKind, InboxState

log = structlog.get_logger(__name__)

PROMPT: Final = 0.2  # seconds that a provider waits for the end of a step
MOST: Final = 1_000  # events in hand or waiting for their commit; beyond it everything is stored first
_KEYS: Final = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)
_Place = tuple[str, str, AddressKey]


@dataclass(slots=True)
class _Event:
    """One event on its way.  ``newcomer``: the contact is made with it.  ``kept``: True once it is stored or
    done, False where the plain path has to take it.  ``late``: its provider has waited long enough;
    ``ending``: it waits for nothing but the commit of all; ``left``: it waits in its lane."""

    adapter: ChannelAdapter
    incoming: Incoming
    contact_id: int
    newcomer: bool
    kept: asyncio.Future[bool]
    turn: hot.Turn | None = None
    storing: asyncio.Task[None] | None = None
    late: bool = False
    ending: bool = False
    left: bool = False
    standing: hot.Standing | None = field(default=None)

    def answer(self, kept: bool) -> None:
        if not self.kept.done():
            self.kept.set_result(kept)

    def refuse(self, error: Exception) -> None:
        if not self.kept.done():
            self.kept.set_exception(NotStored(type(error).__name__))
            self.kept.exception()  # asked for: whoever waited may be gone


class FastPath:
    """``on_stored`` takes up an event whose step has to be repeated the plain way.

    ``is_mine``: whether this process works for that person.
    """

    def __init__(
        self,
        hosting: Hosting,
        lanes: Lanes,
        people: Directory,
        inbox: Inbox,
        store: hot.HotStore,
        at_once: AtOnce,
        box: BlackBox,
        clock: Clock,
    ) -> None:
        self._hosting = hosting
        self._lanes = lanes
        self._people = people
        self._inbox = inbox
        self._store = store
        self.commits = at_once.commits
        self._at_once = at_once
        self._box = box
        self._clock = clock
        self._events, self._contacts = Numbers("inbox"), Numbers("contacts")
        self._meeting: dict[_Place, asyncio.Future[bool]] = {}
        self.is_mine: Callable[[int], bool] = lambda _: True
        self.on_stored: Callable[[InboxEvent], None] = lambda _: None

    async def takes(self, adapter: ChannelAdapter, incoming: Incoming) -> bool:
        """Whether it is kept now; False: the plain path has to take it.  Raises: NotStored."""
        if not incoming.addresses:
            return False
        await self._others_meet_them(adapter, incoming)
        if incoming.kind is not InboxKind.MESSAGE or len(self.commits) > MOST or adapter.media(incoming.body):
            return False
        try:
            event = await self._who(adapter, incoming)
        except AWAY as error:
            raise NotStored(type(error).__name__) from error
        if event is None:
            return False
        if not event.newcomer and not self.is_mine(event.contact_id):
            return await self._pass_on(event)
        if not self._begins(event):
            event.answer(False)
            return False
        timer = asyncio.get_running_loop().call_later(PROMPT, self._store_it, event)
        try:
            return await asyncio.shield(event.kept)
        finally:
            timer.cancel()

    async def _pass_on(self, event: _Event) -> bool:
        """Keep it for the process whose it is.  Raises: NotStored.

        Several may receive one person's events: the ids say which came first.
        """
        try:
            turn = self._begun(event, await self._events.newest())
            verdict = await self.commits.put(hot.Stored(turn))
        except Exception as error:
            raise NotStored(type(error).__name__) from error
        failpoint("inbox.committed")
        if verdict is not hot.Verdict.KEPT:
            return False
        self._remember(event)
        self._inbox.on_said(turn.channel, turn.account, 1)
        self._inbox.on_new(self._as_row(event, turn))
        return True

    def _begins(self, event: _Event) -> bool:
        if not self.is_mine(event.contact_id):
            return False
        slot = self._box.take_up(*self._place(event.adapter), event.incoming.external_id)
        if slot is None:
            return False
        if self._lanes.begin(event.contact_id, lambda: self._in_hand(event, slot)):
            return True
        self._box.put_down(slot)
        return False

    def takes_up(self, row: InboxEvent, addresses: Sequence[tuple[str, str]]) -> bool:
        """Begin the step of an event that another process has stored; False: the plain path has to take it.

        What may have killed somebody, and is counted, is not for us.
        """
        adapter = self._hosting.host(row.channel, row.account).adapter
        if (
            row.kind is not InboxKind.MESSAGE
            or row.contact_id is None
            or row.tries
            or not addresses
            or len(self.commits) > MOST
            or adapter.media(row.facts)
            or not self.is_mine(row.contact_id)
        ):
            return False
        kept = asyncio.get_running_loop().create_future()
        kept.set_result(True)
        theirs = tuple(AddressKey(kind, value) for kind, value in addresses)
        incoming = Incoming(
            external_id=row.external_id, kind=row.kind, body=row.facts, addresses=theirs, sent_at=row.sent_at
        )
        event = _Event(adapter, incoming, row.contact_id, False, kept, turn=_stored_turn(row, row.contact_id))
        if not self._lanes.begin(row.contact_id, lambda: self._in_hand(event, None)):
            return False
        self._lanes.held.add(row.id)
        return True

    async def settled(self) -> None:
        """Returns when no answer of ours is under way."""
        await self._at_once.settled()

    def people(self) -> list[int]:
        """To whom an answer of ours is under way."""
        return self._at_once.people()

    async def close(self) -> None:
        """Let the answers that are under way end."""
        await self.settled()
        self._box.close()
        self._store.close()

    @staticmethod
    def _place(adapter: ChannelAdapter) -> tuple[str, str]:
        return str(adapter.channel), adapter.account

    # ------------------------------------------------------------------ who

    async def _others_meet_them(self, adapter: ChannelAdapter, incoming: Incoming) -> None:
        """Whoever writes twice in a blink is met once."""
        if self._meeting:
            for address in incoming.addresses:
                met = self._meeting.get((*self._place(adapter), address))
                if met is not None:
                    await asyncio.wait([met])

    async def _who(self, adapter: ChannelAdapter, incoming: Incoming) -> _Event | None:
        """The event and whose it is; None where that is not plain: an address is new beside a known one."""
        place, kept = self._place(adapter), asyncio.get_running_loop().create_future()
        known = self._people.known(*place, incoming.addresses)
        if known is not None:
            return _Event(adapter, incoming, known, False, kept)
        pairs = [(address.kind, address.value) for address in incoming.addresses]
        owners = await self._store.owners((self._people.office_of(*place), *place), pairs)
        if not owners:
            contact_id = await self._contacts.next_of(self.is_mine)
            return self._newcomer(adapter, incoming, contact_id, kept) if contact_id is not None else None
        if len(owners) == len(pairs) and len(set(owners)) == 1:
            return _Event(adapter, incoming, owners[0], False, kept)
        return None

    def _newcomer(
        self, adapter: ChannelAdapter, incoming: Incoming, contact_id: int, kept: "asyncio.Future[bool]"
    ) -> _Event | None:
        places = [(*self._place(adapter), address) for address in incoming.addresses]
        if any(place in self._meeting for place in places):
            return None  # met while we looked
        self._meeting.update(dict.fromkeys(places, kept))
        kept.add_done_callback(lambda _: [self._meeting.pop(place, None) for place in places])
        return _Event(adapter, incoming, contact_id, True, kept)

    # ------------------------------------------------------------------ the step

    async def _in_hand(self, event: _Event, slot: int | None) -> None:
        failpoint("handle.started")
        try:
            await self._handle(event)
        except AWAY as error:
            if event.turn is not None and event.turn.stored:
                self._leave(event)  # it waits there for the database
            else:
                event.refuse(error)
        except Exception as error:
            log.error("fast.left", error=type(error).__name__)
            self._leave(event)
        finally:
            if slot is not None:
                self._box.put_down(slot)
            if event.turn is not None and not event.left:
                self._lanes.held.discard(event.turn.id)

    async def _handle(self, event: _Event) -> None:
        keys = self._likely_keys(event)
        standing = await self._standing(event, keys)
        if standing is None or standing.unhandled or standing.contact.merged_into is not None:
            self._leave(event)
            return
        event.standing = standing
        if event.turn is None:
            event.turn = self._begun(event, await self._events.next())
        event.turn.turn = standing.turn
        first = event.newcomer or event.late  # handlers may ask who they are: they have to be there
        if first and not await self._is_stored(event):
            return
        here = self._step(event, standing, keys)
        if here.unsaid is not None:
            here.unsaid.may_keep_early = lambda: self._is_stored(event)
        talk = Talk(standing.talk_id or 0, standing.choices, standing.in_doubt)
        host = self._hosting.host(*self._place(event.adapter))
        arrived = [Arrived(self._as_row(event, event.turn), [])]
        error = await self._hosting.listen(arrived, host, standing.contact, talk, here)
        if event.storing is not None:
            await event.storing
            if event.kept.done() and event.kept.exception() is not None:
                return  # its provider brings it again
        await self._end(event, event.turn, here, error)

    async def _standing(self, event: _Event, keys: tuple[str, ...]) -> hot.Standing | None:
        if not event.newcomer:
            place = self._place(event.adapter)
            before = event.turn.id if event.turn is not None else hot.LAST
            ask = hot.Ask(self._people.office_of(*place), event.contact_id, *place, keys, before)
            return await self._store.standing(ask)
        contact = Contact(
            id=event.contact_id,
            office_id=self._people.office_of(*self._place(event.adapter)),
            name=shown_name(event.incoming.name)[:255],
            language="id",
            created_at=self._clock(),
        )
        return hot.Standing(contact, None, 0, "[0, []]", False, False, 0, {})

    def _begun(self, event: _Event, number: int) -> hot.Turn:
        incoming = event.incoming
        channel, account = self._place(event.adapter)
        return hot.Turn(
            id=number,
            office_id=self._people.office_of(channel, account),
            contact_id=event.contact_id,
            channel=channel,
            account=account,
            external_id=incoming.external_id[:255],
            kind=incoming.kind.value,
            body=jsontext.dumps(incoming.body),
            sent_at=incoming.sent_at,
            received_at=self._clock(),
            name=shown_name(event.incoming.name)[:255] if event.newcomer else "",
            newcomer=[(one.kind, one.value) for one in incoming.addresses] if event.newcomer else (),
        )

    def _step(self, event: _Event, standing: hot.Standing, keys: tuple[str, ...]) -> Step:
        chat_id = self._chat_id(event)
        channel, account = self._place(event.adapter)
        turn = event.turn
        here = Step(
            contact_id=event.contact_id,
            channel=channel,
            account=account,
            chat_id=chat_id,
            office_id=standing.contact.office_id,
            unsaid=self._hosting.unsaid(turn.id if turn is not None else 0),
        )
        for key in keys:
            state, data = standing.states.get(key, (None, "{}"))
            here.fsm[key] = FsmEntry(state, fsm_values.loads(data, self._hosting.find_module))
        return here

    def _chat_id(self, event: _Event) -> int:
        return self._people.chat_id_from(
            event.contact_id, str(event.adapter.channel), event.incoming.addresses
        )

    def _likely_keys(self, event: _Event) -> tuple[str, ...]:
        """Where aiogram keeps a private chat's state by default."""
        chat_id = self._chat_id(event)
        return (_KEYS.build(StorageKey(event.adapter.bot_id, chat_id, chat_id)),)

    @staticmethod
    def _as_row(event: _Event, turn: hot.Turn) -> InboxEvent:
        return InboxEvent.unsaved(
            event.incoming.body,
            id=turn.id,
            office_id=turn.office_id,
            channel=turn.channel,
            account=turn.account,
            external_id=turn.external_id,
            kind=event.incoming.kind,
            contact_id=turn.contact_id,
            body=turn.body,
            sent_at=turn.sent_at,
            received_at=turn.received_at,
            state=InboxState.NEW,
            tries=0,
            error=None,
            done_at=None,
        )

    # ------------------------------------------------------------------ keeping it

    def _store_it(self, event: _Event) -> None:
        """The step takes its time: let the provider go."""
        event.late = True
        if event.turn is not None and event.storing is None and not event.ending and not event.kept.done():
            event.storing = asyncio.create_task(self._stored(event, event.turn))

    async def _is_stored(self, event: _Event) -> bool:
        self._store_it(event)
        if event.storing is not None:
            await event.storing
        return event.turn is not None and event.turn.stored

    async def _stored(self, event: _Event, turn: hot.Turn) -> None:
        self._lanes.held.add(turn.id)
        try:
            verdict = await self.commits.put(hot.Stored(turn))
        except Exception as error:
            event.refuse(error)
            return
        turn.stored = verdict is hot.Verdict.KEPT
        if turn.stored:
            self._remember(event)
        event.answer(verdict is not hot.Verdict.OVERTAKEN)

    async def _end(self, event: _Event, turn: hot.Turn, here: Step, error: Exception | None) -> None:
        if event.kept.done() and not turn.stored:
            return  # seen before, or left to the plain path
        event.ending = True
        turn.changed = {
            key: None
            if entry.state is None and not entry.data
            else (entry.state, fsm_values.dumps(entry.data))
            for key, entry in here.fsm.items()
            if entry.changed
        }
        turn.choices = here.shown.to_text() if here.shown is not None else None
        turn.open_until = open_until(event.incoming.sent_at, event.adapter, turn.received_at)
        if error is not None:
            turn.state, turn.error = InboxState.PARKED.value, type(error).__name__[:64]
        turn.said = here.unsaid.rest() if here.unsaid is not None else []
        person = Person(event.contact_id, event.adapter, event.incoming.addresses)
        unsent = event.standing.unsent if event.standing is not None else 0
        theirs = [row for row in turn.said if (row.contact_id, row.channel, row.account) == person.place]
        leave = self._at_once.may_go(person, unsent) if theirs else None
        if leave is not None:
            theirs = self._at_once.marked(theirs, leave)
            going = {row.id: row for row in theirs}
            turn.said = [going.get(row.id, row) for row in turn.said]
        try:
            verdict = await self._commit(turn)
        except BaseException:
            if leave is not None:
                leave.give_back()
            raise
        failpoint("handle.committed")
        self._conclude(event, turn, person, leave, verdict)

    async def _commit(self, turn: hot.Turn) -> hot.Verdict:
        """Patiently where the provider has gone; else it brings the event again."""
        while True:
            try:
                return await self.commits.put(turn)
            except AWAY as error:
                if not turn.stored:
                    raise
                log.error("step.waits", error=type(error).__name__)
                await asyncio.sleep(PAUSES[1])

    def _conclude(
        self, event: _Event, turn: hot.Turn, person: Person, leave: Pass | None, verdict: hot.Verdict
    ) -> None:
        if verdict is not hot.Verdict.KEPT:
            if leave is not None:
                leave.give_back()
            self._leave(event) if verdict is hot.Verdict.OVERTAKEN else event.answer(True)
            return
        self._remember(event)
        if not turn.stored:
            self._inbox.on_said(turn.channel, turn.account, 1)
        event.answer(True)
        going = [row for row in turn.said if row.token is not None]
        if leave is not None:
            self._at_once.send(person, going, leave)
        if len(going) < len(turn.said):
            self._at_once.queued()

    def _leave(self, event: _Event) -> None:
        """To the plain path: by its provider's request, or from its row where that is stored."""
        if event.turn is not None and event.turn.stored:
            event.left = True
            self._lanes.held.discard(event.turn.id)
            self.on_stored(self._as_row(event, event.turn))
        event.answer(False)

    def _remember(self, event: _Event) -> None:
        self._people.remember(*self._place(event.adapter), event.incoming.addresses, event.contact_id)


def _stored_turn(row: InboxEvent, contact_id: int) -> hot.Turn:
    return hot.Turn(
        id=row.id,
        office_id=row.office_id,
        contact_id=contact_id,
        channel=row.channel,
        account=row.account,
        external_id=row.external_id,
        kind=row.kind.value,
        body=row.body,
        sent_at=row.sent_at,
        received_at=row.received_at,
        stored=True,
    )
