"""Rows on their way to a provider: order, patience, and never a second send of what may have arrived."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.methods import SendMessage
from tortoise.exceptions import DBConnectionError

from bot import ids
from bot.channels.base import Caps, Channel, DeliveryFailed, Fault
from bot.choices import Choice, Shown
from bot.delivery import Delivery
from bot.directory import Directory
from bot.division import WHOLE, Division, Whole
from bot.files import Files, draft
from bot.methods import SendTemplate
from bot.notices import Render, Template, Wording
from bot.outcomes import MOST_ATTEMPTS
from bot.pacing import Pacing
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Address, Contact, Conversation
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.core.channel import ACCOUNT, NOW, Clock, TestChannel, failure
from tests.fakes import pictures
from tests.patience import PATIENCE

DAY = timedelta(days=1)


async def render(name: str, facts: Any, language: str) -> Wording:
    template = Template(name=f"loket_{name}", language=language, parameters={"n": str(facts["n"])})
    return Wording(
        text=f"{name} {facts['n']} {language}",
        template=None if name == "courtesy" else template,
        choices={"Ya": "y"} if name == "asks" else None,
    )


class Beside(Whole):
    """As if others served this database, too, and all of it were ours at the moment."""

    name = "beside"


class Post:
    """The post office: people, rows, channels, and a delivery that runs until nothing is due."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.whatsapp = TestChannel(Channel.WHATSAPP, Caps(window=DAY, per_second=1e6, person_burst=10**6))
        self.telegram = TestChannel(Channel.TELEGRAM, Caps(per_second=1e6, person_burst=10**6))
        self.pacing = Pacing(on=False)
        self.files = Files(SealedStorage(Storage.open(f"file://{folder}/papers")))
        self.render: Render = render
        self.counted = itertools.count(1)

    async def photo(self, contact: Contact, file_id: str) -> OutboxMessage:
        said = json.dumps({"chat_id": ids.chat_id(contact.id), "photo": file_id})
        return await self._row(contact, kind=OutboxKind.REPLY, name="sendPhoto", payload=said)

    def delivery(self, division: Division = WHOLE) -> Delivery:
        adapters = {(channel.channel.value, ACCOUNT): channel for channel in (self.whatsapp, self.telegram)}
        people = Directory(1, {"telegram": "telegram"})
        return Delivery(adapters, people, self.files, self.render, self.pacing, self.clock, division=division)

    async def person(self, *, heard: bool = True) -> Contact:
        contact = await Contact.create(office_id=1, created_at=NOW)
        until = self.clock() + DAY if heard else None
        for channel in ("whatsapp", "telegram"):
            place = {"office_id": 1, "contact_id": contact.id, "channel": channel, "account": ACCOUNT}
            await Address.create(kind="wa_id", value=f"{contact.id}", created_at=NOW, **place)
            await Conversation.create(window_expires_at=until, **place)
        return contact

    async def reply(self, contact: Contact, text: str, **changes: Any) -> OutboxMessage:
        payload = SendMessage(chat_id=ids.chat_id(contact.id), text=text, parse_mode=None)
        said = payload.model_dump_json(include={"chat_id", "text"})
        return await self._row(contact, kind=OutboxKind.REPLY, name="sendMessage", payload=said, **changes)

    async def notice(self, contact: Contact, name: str = "ready", **changes: Any) -> OutboxMessage:
        key = f"k{next(self.counted)}"
        kind = OutboxKind.NOTICE
        return await self._row(contact, kind=kind, name=name, payload='{"n": 7}', key=key, **changes)

    async def _row(self, contact: Contact, **fields: Any) -> OutboxMessage:
        now = self.clock()
        usual: dict[str, Any] = {"channel": "whatsapp", "account": ACCOUNT, "due_at": now, "created_at": now}
        return await OutboxMessage.create(office_id=1, contact_id=contact.id, **(usual | fields))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Delivery]:
        delivery = self.delivery()
        task = asyncio.create_task(delivery.run())
        try:
            yield delivery
        finally:
            delivery.stop()
            await task

    async def carries_what_is_due(self, delivery: Delivery | None = None) -> Delivery:
        """Claims and carries until nothing more is due now."""
        delivery = delivery or self.delivery()
        async with asyncio.timeout(PATIENCE):
            while claimed := await delivery._claim(64):
                await asyncio.gather(*(delivery._carry(row, token) for row, token in claimed))
        return delivery


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


async def now_of(row: OutboxMessage) -> OutboxMessage:
    return await OutboxMessage.get(id=row.id)


# ---------------------------------------------------------------------- order


async def test_one_conversation_keeps_its_order_and_others_are_not_held_up(post: Post) -> None:
    maria, yakob = await post.person(), await post.person()
    for n in range(10):
        await post.reply(maria, f"m{n}")
        await post.reply(yakob, f"y{n}")
    async with post.open() as delivery:
        done, left = asyncio.Event(), {"n": 20}

        async def sent(_: OutboxMessage) -> None:
            left["n"] -= 1
            if not left["n"]:
                done.set()

        delivery.on_sent = sent
        await asyncio.wait_for(done.wait(), PATIENCE)
    said = post.whatsapp.session.said
    assert [text for text in said if text.startswith("m")] == [f"m{n}" for n in range(10)]
    assert [text for text in said if text.startswith("y")] == [f"y{n}" for n in range(10)]


async def test_what_waits_for_its_next_try_is_not_overtaken(post: Post) -> None:
    maria, yakob = await post.person(), await post.person()
    await post.reply(maria, "first")
    post.whatsapp.session.fails(failure("retry"))
    delivery = await post.carries_what_is_due()
    await post.reply(maria, "second")
    await post.reply(maria, "elsewhere", channel="telegram")
    await post.reply(yakob, "other")
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["other"]
    assert post.telegram.session.said == ["elsewhere"]
    post.clock.advance(seconds=7)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["other", "first", "second"]


async def test_a_notice_of_tomorrow_holds_up_no_answer_of_today(post: Post) -> None:
    maria = await post.person()
    await post.notice(maria, due_at=NOW + DAY)
    await post.reply(maria, "now")
    await post.carries_what_is_due()
    assert post.whatsapp.session.said == ["now"]


async def test_a_notice_that_was_tried_and_may_not_be_said_before_the_morning_holds_up_no_answer(
    post: Post,
) -> None:
    maria, morning = await post.person(), NOW + timedelta(hours=12)
    row = await post.notice(maria)
    post.whatsapp.session.fails(failure("retry"))
    delivery = await post.carries_what_is_due()
    delivery.said_at = lambda _, now: max(now, morning)
    post.clock.advance(seconds=7)
    await post.carries_what_is_due(delivery)
    assert (await now_of(row)).due_at == morning
    await post.reply(maria, "tonight")
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["tonight"]


async def test_a_notice_that_the_platform_wants_on_another_day_holds_up_no_answer(post: Post) -> None:
    maria = await post.person()
    await post.notice(maria)
    post.whatsapp.session.fails(failure("wait"))
    delivery = await post.carries_what_is_due()
    await post.reply(maria, "today")
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["today"]


async def test_a_next_try_does_not_wait_for_a_clock_that_was_set_back_and_the_one_after_keeps_its_pause(
    post: Post,
) -> None:
    row = await post.reply(await post.person(), "x")
    post.whatsapp.session.fails(failure("retry", after=5), failure("retry", after=5))
    delivery = await post.carries_what_is_due()
    post.clock.advance(hours=-2)
    await post.carries_what_is_due(delivery)
    assert (await now_of(row)).due_at == post.clock() + timedelta(seconds=5)
    assert post.whatsapp.session.tried == 2
    post.clock.advance(seconds=5)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["x"]


# ---------------------------------------------------------------------- failures


async def test_patience_grows_and_has_an_end(post: Post) -> None:
    row = await post.reply(await post.person(), "x")
    delivery = post.delivery()
    waits = []
    for attempt in range(1, MOST_ATTEMPTS):
        post.whatsapp.session.fails(failure("retry", f"c{attempt}"))
        await post.carries_what_is_due(delivery)
        after = await now_of(row)
        assert (after.state, after.attempts, after.failure) == (OutboxState.QUEUED, attempt, f"c{attempt}")
        waits.append((after.due_at - post.clock()).total_seconds())
        post.clock.now = after.due_at
    for n, wait in enumerate(waits):
        assert 0.8 * min(5 * 2**n, 900) <= wait <= 1.2 * min(5 * 2**n, 900)
    post.whatsapp.session.fails(failure("retry", "last"))
    await post.carries_what_is_due(delivery)
    after = await now_of(row)
    assert (after.state, after.failure, after.attempts) == (OutboxState.FAILED, "last", MOST_ATTEMPTS)
    assert post.whatsapp.session.said == []


@pytest.mark.parametrize(("fault", "seconds"), [("retry", 90.0), ("wait", 90.0), ("wait", None)])
async def test_the_providers_own_pause_is_kept(post: Post, fault: str, seconds: float | None) -> None:
    row = await post.reply(await post.person(), "x")
    post.whatsapp.session.fails(failure(fault, after=seconds))
    delivery = await post.carries_what_is_due()
    wait = timedelta(hours=24) if seconds is None else timedelta(seconds=seconds)
    assert (await now_of(row)).due_at == NOW + wait
    post.clock.now = NOW + wait - timedelta(seconds=1)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == []
    post.clock.advance(seconds=1)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["x"]


async def test_what_may_have_arrived_is_never_sent_again(post: Post) -> None:
    maria = await post.person()
    row = await post.reply(maria, "x")
    await post.reply(maria, "y")
    post.whatsapp.session.fails(failure("unknown", "no_answer"))
    delivery = await post.carries_what_is_due()
    post.clock.advance(days=9)
    await delivery.recover(starting=True)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["y"]
    assert ((await now_of(row)).state, (await now_of(row)).failure) == (OutboxState.UNKNOWN, "no_answer")


async def test_a_channel_that_a_human_has_to_look_at_stands_still_and_loses_nothing(post: Post) -> None:
    people = [await post.person() for _ in range(3)]
    post.whatsapp.session.fails(failure("pause", "190"))
    held = [await post.reply(people[0], "a")]
    delivery = await post.carries_what_is_due()
    held += [await post.reply(person, "b") for person in people[1:]]
    await post.reply(people[1], "elsewhere", channel="telegram")
    await post.carries_what_is_due(delivery)
    assert delivery.held() == [("whatsapp", ACCOUNT)]
    assert post.telegram.session.said == ["elsewhere"]
    assert post.whatsapp.session.tried == 1
    for row in held:
        after = await now_of(row)
        assert (after.state, after.attempts) == (OutboxState.QUEUED, 0)
    post.clock.advance(seconds=31)
    await post.carries_what_is_due(delivery)
    assert sorted(post.whatsapp.session.said) == ["a", "b", "b"]
    assert delivery.held() == []


async def test_the_pause_of_a_channel_doubles_while_it_does_not_help(post: Post) -> None:
    await post.reply(await post.person(), "x")
    delivery = post.delivery()
    for minutes in (0.5, 1, 2, 4, 8, 15, 15):
        post.whatsapp.session.fails(failure("pause", "190"))
        await post.carries_what_is_due(delivery)
        post.clock.advance(minutes=minutes, seconds=-1)
        assert delivery.held(), minutes
        post.clock.advance(seconds=1)
        assert not delivery.held(), minutes
        post.clock.advance(seconds=1)
    await post.carries_what_is_due(delivery)
    assert post.whatsapp.session.said == ["x"]


async def test_an_address_that_takes_nothing_is_marked_for_its_channel(post: Post) -> None:
    maria = await post.person()
    row = await post.reply(maria, "x")
    post.whatsapp.session.fails(failure("unreachable", "131026"))
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.failure) == (OutboxState.FAILED, "131026")
    marks = {talk.channel: talk.unreachable_at for talk in await Conversation.filter(contact_id=maria.id)}
    assert marks == {"whatsapp": NOW, "telegram": None}


@pytest.mark.parametrize("broken", [ValueError("628123456789"), KeyError("x"), OSError("x")])
async def test_a_session_that_breaks_its_promise_leaves_it_open_whether_it_sent(
    post: Post, broken: Exception
) -> None:
    """Also what looks like an outage: nobody knows whether the bytes had left."""
    row = await post.reply(await post.person(), "x")
    post.whatsapp.session.fails(broken)
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.failure) == (OutboxState.UNKNOWN, type(broken).__name__)


async def test_a_database_that_is_away_before_a_send_costs_no_message(post: Post) -> None:
    outages = [DBConnectionError("away"), OSError("away")]

    async def wording(name: str, facts: Any, language: str) -> Wording:
        if outages:
            raise outages.pop()
        return await render(name, facts, language)

    post.render = wording
    row = await post.notice(await post.person())
    for _ in range(2):
        await post.carries_what_is_due()
        after = await now_of(row)
        assert (after.state, after.failure, after.attempts) == (OutboxState.QUEUED, "away", 0)
        post.clock.advance(seconds=6)
    await post.carries_what_is_due()
    assert (await now_of(row)).state is OutboxState.SENT
    assert len(post.whatsapp.session.taken) == 1


async def test_a_storage_that_is_away_costs_no_message(post: Post, tmp_path: Path) -> None:
    kept = draft(1, "whatsapp", pictures.jpeg(1), "KTP.jpg", NOW)
    await kept.save(force_create=True)
    await post.files._storage.put(str(kept.storage_key), pictures.jpeg(1), office_id=1)
    day = tmp_path / "papers" / str(kept.storage_key).split("/")[0]
    day.rename(tmp_path / "away")
    day.write_bytes(b"")  # where the folder of the year should be: the store refuses to read
    row = await post.photo(await post.person(), kept.file_id)
    for _ in range(20):  # longer than any patience with a provider
        await post.carries_what_is_due()
        assert (await now_of(row)).state is OutboxState.QUEUED
        post.clock.advance(minutes=20)
    day.unlink()
    (tmp_path / "away").rename(day)
    await post.carries_what_is_due()
    assert (await now_of(row)).state is OutboxState.SENT


async def test_a_row_half_shown_goes_on_behind_what_was_shown_even_in_another_process(post: Post) -> None:
    row = await post.reply(await post.person(), "x")
    post.whatsapp.session.fails(DeliveryFailed(Fault.RETRY, "613", shown=1))
    await post.carries_what_is_due()
    assert (await now_of(row)).shown == 1
    post.clock.advance(minutes=1)
    post.whatsapp.session.fails(DeliveryFailed(Fault.RETRY, "not_connected"))  # before anything further
    await post.carries_what_is_due()
    assert (await now_of(row)).shown == 1
    post.clock.advance(minutes=1)
    await post.carries_what_is_due(post.delivery())
    ((_, to, _),) = post.whatsapp.session.taken
    assert to.shown == 1


async def test_a_row_that_no_method_can_be_made_of_fails_and_blocks_nobody(post: Post) -> None:
    maria = await post.person()
    bad = await post._row(maria, kind=OutboxKind.REPLY, name="sendNothing", payload="{}")
    await post.reply(maria, "y")
    await post.carries_what_is_due()
    assert (await now_of(bad)).state is OutboxState.FAILED
    assert post.whatsapp.session.said == ["y"]


async def test_what_is_too_late_is_not_said(post: Post) -> None:
    row = await post.notice(await post.person(), expires_at=NOW + timedelta(hours=1))
    post.clock.advance(hours=1)
    await post.carries_what_is_due()
    assert (await now_of(row)).state is OutboxState.EXPIRED
    assert post.whatsapp.session.tried == 0


async def test_a_channel_that_is_off_waits(post: Post) -> None:
    row = await post.reply(await post.person(), "x", account="another")
    delivery = await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.attempts, after.failure) == (OutboxState.QUEUED, 0, "channel_off")
    assert delivery.held() == []


# ---------------------------------------------------------------------- windows


async def test_a_notice_is_free_text_inside_the_window_and_a_template_outside(post: Post) -> None:
    maria = await post.person()
    inside = await post.notice(maria, "asks")
    await post.carries_what_is_due()
    post.clock.advance(hours=24)
    outside = await post.notice(maria, "asks")
    await post.carries_what_is_due()
    (free, _, _), (template, _, _) = post.whatsapp.session.taken
    assert isinstance(free, SendMessage)
    assert free.text == "asks 7 id"
    assert isinstance(template, SendTemplate)
    assert (template.name, template.language, template.parameters) == ("loket_asks", "id", {"n": "7"})
    assert [(await now_of(row)).sent_as for row in (inside, outside)] == ["text", "template:loket_asks"]


async def test_a_window_about_to_close_is_closed(post: Post) -> None:
    maria = await post.person()
    post.clock.advance(hours=23, minutes=59, seconds=30)
    await post.notice(maria)
    await post.carries_what_is_due()
    assert isinstance(post.whatsapp.session.taken[0][0], SendTemplate)


async def test_who_never_wrote_has_no_window_and_a_channel_without_one_is_always_open(post: Post) -> None:
    stranger = await post.person(heard=False)
    await post.notice(stranger)
    await post.notice(stranger, channel="telegram")
    await post.carries_what_is_due()
    assert isinstance(post.whatsapp.session.taken[0][0], SendTemplate)
    assert isinstance(post.telegram.session.taken[0][0], SendMessage)


async def test_without_a_template_a_closed_window_is_a_plain_failure(post: Post) -> None:
    row = await post.notice(await post.person(heard=False), "courtesy")
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.failure) == (OutboxState.FAILED, "window_closed")


async def test_a_notice_speaks_the_language_of_the_moment_and_its_buttons_can_be_typed(post: Post) -> None:
    maria = await post.person()
    row = await post.notice(maria, "asks")
    await Contact.filter(id=maria.id).update(language="en")
    await post.carries_what_is_due()
    assert post.whatsapp.session.said == ["asks 7 en"]
    talk = await Conversation.get(contact_id=maria.id, channel="whatsapp")
    assert Shown.from_text(talk.choices) == Shown(ids.message_id(row.id), [Choice("Ya", "y")])


# ---------------------------------------------------------------------- whose row it is


async def test_two_deliveries_never_claim_the_same_row(post: Post) -> None:
    people = [await post.person() for _ in range(30)]
    for person in people:
        await post.reply(person, "x")
    claims = await asyncio.gather(*(post.delivery(Beside())._claim(10) for _ in range(6)))
    claimed = [row.id for claim in claims for row, _ in claim]
    assert len(claimed) == len(set(claimed)) == 30


async def test_a_stale_token_can_neither_send_nor_write(post: Post) -> None:
    row = await post.reply(await post.person(), "x")
    sleeper, other = post.delivery(Beside()), post.delivery(Beside())
    [(slept, token)] = await sleeper._claim(1)
    post.clock.advance(seconds=46)
    await other.recover()
    [(_, fresh)] = await other._claim(1)
    await sleeper._carry(slept, token)
    assert post.whatsapp.session.tried == 0
    assert ((await now_of(row)).state, (await now_of(row)).token) == (OutboxState.CLAIMED, fresh)


async def test_who_slept_while_sending_and_knows_what_came_of_it_says_so(post: Post) -> None:
    """Another has called the row unknown meanwhile and sends nothing; the sleeper settles it."""
    row = await post.reply(await post.person(), "x")
    sleeper, other = post.delivery(Beside()), post.delivery(Beside())
    judged: list[OutboxState] = []

    async def sleeps(_: object) -> None:
        post.clock.advance(seconds=46)
        await other.recover()
        judged.append((await now_of(row)).state)
        assert await other._claim(64) == []

    post.whatsapp.session.before = sleeps
    await post.carries_what_is_due(sleeper)
    assert judged == [OutboxState.UNKNOWN]
    after = await now_of(row)
    assert (after.state, after.external_id) == (OutboxState.SENT, f"out-{row.id}")
    assert post.whatsapp.session.tried == 1


@pytest.mark.parametrize(
    ("state", "idempotent", "expected"),
    [
        (OutboxState.CLAIMED, False, OutboxState.QUEUED),
        (OutboxState.SENDING, False, OutboxState.UNKNOWN),
        (OutboxState.SENDING, True, OutboxState.QUEUED),
    ],
)
async def test_what_a_dead_process_left(
    post: Post, state: OutboxState, idempotent: bool, expected: OutboxState
) -> None:
    post.whatsapp.caps = Caps(idempotent=idempotent)
    maria = await post.person()
    row = await post.reply(maria, "x", state=state, token="dead", lease_until=NOW + timedelta(seconds=45))
    beside = post.delivery(Beside())
    await beside.recover(starting=True)
    assert (await now_of(row)).state is state  # its lease still runs, and its holder may live
    await post.delivery().recover(starting=True)
    assert (await now_of(row)).state is expected


# ---------------------------------------------------------------------- pacing


async def test_a_person_who_is_written_too_much_keeps_nobody_elses_place(post: Post) -> None:
    post.whatsapp.caps = Caps(per_second=1_000, per_person=0.1, person_burst=1)
    post.pacing = Pacing(monotonic=lambda: 5.0)
    maria, yakob = await post.person(), await post.person()
    late = await post.reply(maria, "1"), await post.reply(maria, "2")
    await post.reply(yakob, "3")
    await post.carries_what_is_due()
    assert sorted(post.whatsapp.session.said) == ["1", "3"]
    after = await now_of(late[1])
    assert (after.state, after.attempts, after.failure) == (OutboxState.QUEUED, 0, None)
    assert after.due_at == NOW + timedelta(seconds=10)


async def test_stopping_ends_what_is_under_way(post: Post) -> None:
    row = await post.reply(await post.person(), "x")
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: object) -> None:
        under_way.set()
        await go_on.wait()

    post.whatsapp.session.before = slow
    delivery = post.delivery()
    task = asyncio.create_task(delivery.run())
    await asyncio.wait_for(under_way.wait(), PATIENCE)
    delivery.stop()
    assert not task.done()
    go_on.set()
    await asyncio.wait_for(task, PATIENCE)
    assert (await now_of(row)).state is OutboxState.SENT
