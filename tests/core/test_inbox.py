"""What came in: each event once, whoever repeats it, and never a yes for what was not kept."""

import asyncio

import pytest

from bot.directory import Directory
from bot.inbox import Inbox, NotStored
from models.contacts import Address, Contact
from models.database import close_database, transaction
from models.inbox import InboxEvent, InboxKind, InboxState
from tests.core.channel import ACCOUNT, Clock, arrival

ON = ("whatsapp", ACCOUNT)


class Post:
    """The inbox, and the order in which it handed events on."""

    def __init__(self) -> None:
        self.people = Directory(1)
        self.inbox = Inbox(self.people, Clock())
        self.handed_on: list[str] = []
        self.held: set[int] = set()
        self.inbox.on_new, self.inbox.held = self._takes, self.held

    def _takes(self, row: InboxEvent) -> None:
        self.handed_on.append(row.external_id)
        self.held.add(row.id)


async def test_the_same_event_twice_in_one_body_is_one(database: str) -> None:
    post = Post()
    kept = await post.inbox.store(*ON, [arrival("a", text="1"), arrival("b"), arrival("a", text="1")])
    assert kept == 2
    assert post.handed_on == ["a", "b"]
    assert [row.external_id for row in await InboxEvent.all().order_by("id")] == ["a", "b"]


async def test_the_same_event_in_many_bodies_at_once_is_one(database: str) -> None:
    post = Post()
    kept = await asyncio.gather(*(post.inbox.store(*ON, [arrival("a"), arrival(f"n{n}")]) for n in range(20)))
    assert sorted(kept) == [1] * 19 + [2]
    assert await InboxEvent.all().count() == 21
    assert await post.inbox.store(*ON, [arrival("a")]) == 0
    assert len(post.handed_on) == 21


async def test_what_is_stored_and_in_no_lane_is_handed_on_when_it_comes_again(database: str) -> None:
    post = Post()
    await post.inbox.store(*ON, [arrival("a")])
    post.held.clear()
    assert await post.inbox.store(*ON, [arrival("a")]) == 0
    assert post.handed_on == ["a", "a"]


class HandledMeanwhile(set[int]):
    """Held when somebody looks, and handled by the time of the database's answer."""

    def __contains__(self, _: object) -> bool:
        return False


async def test_what_is_handled_while_we_look_for_it_is_not_handed_on_again(database: str) -> None:
    post = Post()
    await post.inbox.store(*ON, [arrival("a")])
    post.inbox.held = HandledMeanwhile(post.held)
    assert await post.inbox.store(*ON, [arrival("a")]) == 0
    assert post.handed_on == ["a"]


async def test_another_process_has_seen_it_before(database: str) -> None:
    assert await Post().inbox.store(*ON, [arrival("a")]) == 1
    assert await Post().inbox.store(*ON, [arrival("a")]) == 0
    assert await Contact.all().count() == 1


async def test_messages_of_people_are_told_apart_from_what_platforms_say(database: str) -> None:
    post, told = Post(), []
    post.inbox.on_said = lambda *said: told.append(said)
    await post.inbox.store(*ON, [arrival("a"), arrival("b"), arrival("r", kind="receipt")])
    await post.inbox.store(*ON, [arrival("a"), arrival("n", kind="news"), arrival("c")])
    await post.inbox.store(*ON, [arrival("s", kind="receipt")])
    assert told == [(*ON, 2), (*ON, 1)]


async def test_the_same_id_elsewhere_is_another_event(database: str) -> None:
    post = Post()
    for place in (("whatsapp", "1"), ("whatsapp", "2"), ("telegram", "1")):
        assert await post.inbox.store(*place, [arrival("a")]) == 1


async def test_who_speaks_becomes_a_contact_once(database: str) -> None:
    post = Post()
    await asyncio.gather(*(post.inbox.store(*ON, [arrival(f"m{n}", "maria")]) for n in range(10)))
    await post.inbox.store(*ON, [arrival("y", "yakob")])
    assert await Contact.all().count() == await Address.all().count() == 2
    assert len({row.contact_id for row in await InboxEvent.filter(external_id__startswith="m")}) == 1


async def test_what_nobody_waits_for_is_kept_and_handed_to_nobody(database: str) -> None:
    post = Post()
    news = arrival("n", kind="other")
    silent = type(news)(external_id="s", kind=InboxKind.OTHER, body={})
    await post.inbox.store(*ON, [news, silent, arrival("r", kind="receipt")])
    states = {row.external_id: row.state for row in await InboxEvent.all()}
    assert states == {"n": InboxState.NEW, "s": InboxState.DONE, "r": InboxState.NEW}
    assert post.handed_on == ["n", "r"]


async def test_one_event_that_no_row_can_hold_is_the_only_one_refused(database: str) -> None:
    """The whole body is refused, so that the provider brings it again; the good ones are kept by then."""
    post = Post()
    unstorable = arrival("bad", body_of=object())
    with pytest.raises(NotStored):
        await post.inbox.store(*ON, [arrival("a"), unstorable, arrival("b")])
    assert sorted(row.external_id for row in await InboxEvent.all()) == ["a", "b"]


async def test_without_a_database_it_says_no(database: str) -> None:
    post = Post()
    await close_database()
    with pytest.raises(NotStored):
        await post.inbox.store(*ON, [arrival("a")])
    assert post.handed_on == []


async def test_with_too_much_waiting_it_says_no(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    with monkeypatch.context() as here:
        here.setattr("bot.inbox.FULL", -1)
        with pytest.raises(NotStored):
            await post.inbox.store(*ON, [arrival("a")])
    assert await InboxEvent.all().count() == 0
    assert await post.inbox.store(*ON, [arrival("a")]) == 1


async def test_a_page_of_ours_is_handed_on_only_after_its_transaction(database: str) -> None:
    post = Post()
    await post.inbox.store(*ON, [arrival("a")])
    maria = await Contact.get()

    async def twice() -> None:
        for _ in range(2):
            await post.inbox.post(maria, ON, "form:1", "form:done:1")

    await transaction(twice)
    assert post.handed_on == ["a"]
    await post.inbox.take_up(ON, "form:1")
    assert post.handed_on == ["a", "form:1"]
    assert (await InboxEvent.get(external_id="form:1")).facts == {"data": "form:done:1"}
