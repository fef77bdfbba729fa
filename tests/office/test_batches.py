"""Lists of village heads: nothing is made before the choice, then every good row once, and no name stays."""

from datetime import timedelta

import pytest

from models.audit import AuditRow
from models.batches import Batch, BatchRow, BatchState, Outcome
from models.calls import Alert
from models.contacts import Contact
from models.files import PURGED, StoredFile
from models.outbox import OutboxMessage
from models.requests import JournalEntry, Request, RequestState
from office import batch_choices, batch_drafts, batches, erasure, purge, requests, staff, village_drafts
from office.batch_choices import AlreadyChosen, NoSuchBatch, NothingToTake, TooManyRowsToday
from office.batch_forgetting import LIVES
from office.context import OfficeContext, open_office
from office.limit_settings import Limits
from office.number import RequestNumber
from office.permissions import AWAKE
from office.purge_kinds import EVERYTHING
from office.requests import RequestNotFound
from office.senders import strangers_of
from office.village_rights import VILLAGER, HeadAsleep, NotTheirHead, VillageFixed
from office.villages import village
from tests.office.lists import LOST, Head, a_head, all_made, nik_of, people, table
from tests.office.world import METINA, NOW, World, act

DAY = timedelta(days=1)


class Killed(Exception):
    """The process ends before its transaction does."""


async def killed_amid_a_piece() -> None:
    async def begun() -> None:
        assert await batch_drafts.make_some(NOW)
        raise Killed

    with pytest.raises(Killed):
        await act(begun)


async def of_outcomes(world: World) -> Batch:
    """Two good ones, one to look at, one refused."""
    head = await a_head(world)
    rows = (LOST, "Maria Ndun", nik_of(1)), (LOST, "Yohana Ndun", nik_of(2)), ("x", "Petrus Ndun", nik_of(3))
    return await head.hands_in(table(*rows, (LOST, "Marten Ndun", "9999995506900001")))


async def chat_of(batch: Batch) -> Head:
    row = await Batch.get(id=batch.id).select_related("staff", "contact")
    return Head(row.staff, row.contact, World())


async def notices() -> list[str]:
    return [row.name for row in await OutboxMessage.filter(name__startswith="village").order_by("id")]


async def named() -> int:
    """Rows that name somebody still."""
    return await BatchRow.exclude(name=None).count() + await BatchRow.exclude(nik=None).count()


async def test_nothing_is_made_before_the_choice(world: World) -> None:
    batch = await of_outcomes(world)
    assert (batch.state, batch.good, batch.look, batch.refused) == (BatchState.CHECKED, 2, 1, 1)
    assert await all_made() == 0 and await Request.all().count() == 0
    assert await notices() == ["village_checked"]
    assert [row.place for row in await BatchRow.all().order_by("place")] == [2, 3, 5]  # the refused is nobody
    assert (await StoredFile.get(id=batch.file_id)).problem == PURGED  # what was sent, as soon as it was read


async def test_what_is_taken_becomes_drafts_that_lack_nothing_but_papers(world: World) -> None:
    batch = await of_outcomes(world)
    head = await chat_of(batch)
    await head.takes(batch)
    assert await all_made(NOW + DAY) == 3
    first, _, marked = await Request.all().order_by("id")
    assert (first.subject_name, first.nik, first.nik_source) == ("Maria Ndun", nik_of(1), "batch")
    assert (first.for_self, first.relation, first.village_code) == (False, VILLAGER, METINA)
    assert (first.state, first.contact_id, first.channel) == (RequestState.DRAFT, head.chat.id, "telegram")
    assert first.privacy_accepted_at == NOW  # when the head said that they agree
    assert marked.nik_flags == "kecamatan_tidak_dikenal"
    entry = await JournalEntry.get(request_id=first.id)
    assert (entry.action, entry.detail) == ("start", '{"batch": "P1"}')
    assert await named() == 0
    done = await Batch.get(id=batch.id)
    assert (done.state, done.good, done.look, done.refused) == (BatchState.DONE, 2, 1, 1)
    assert await notices() == ["village_checked", "village_batch"]
    told = await AuditRow.filter(object=f"batch:{batch.id}").order_by("seq").values_list("action", "reason")
    counts = "good:2:look:1:refused:1"
    assert [tuple(one) for one in told] == [
        ("batch_checked", counts), ("batch_accepted", counts), ("batch_done", "made:3:refused:1")
    ]  # fmt: skip


async def test_two_taps_and_a_late_one_choose_once(world: World) -> None:
    batch = await of_outcomes(world)
    head = await chat_of(batch)
    await head.takes(batch)
    for choose in (batch_choices.accept, batch_choices.cancel):
        with pytest.raises(AlreadyChosen):
            await act(lambda choose=choose: choose(batch.number, head.chat, NOW))  # type: ignore[misc]
    assert await all_made() == 3
    with pytest.raises(AlreadyChosen):
        await head.takes(batch)
    assert await all_made() == 0 and await Request.all().count() == 3


async def test_a_piece_that_was_killed_is_made_again_and_none_twice(world: World) -> None:
    head = await a_head(world)
    batch = await head.takes(await head.hands_in(people(batch_drafts.AT_ONCE + 3)))
    await killed_amid_a_piece()
    assert await Request.all().count() == 0
    assert await act(lambda: batch_drafts.make_some(NOW)) == batch_drafts.AT_ONCE
    await killed_amid_a_piece()
    assert await all_made() == 3
    niks = [one.nik for one in await Request.all()]
    assert sorted(map(str, niks)) == [nik_of(number) for number in range(1, batch_drafts.AT_ONCE + 4)]
    assert (await Batch.get(id=batch.id)).state is BatchState.DONE
    assert (await notices()).count("village_batch") == 1


async def test_to_keep_rows_again_after_a_crash_changes_nothing(world: World) -> None:
    head = await a_head(world)
    batch = await head.hands_in(people(2))
    checked = await head.checked(people(2), batch)
    await act(lambda: batches.keep_rows(batch, checked))
    assert await BatchRow.all().count() == 2


async def test_none_leaves_nothing(world: World) -> None:
    batch = await of_outcomes(world)
    head = await chat_of(batch)
    await act(lambda: batch_choices.cancel(batch.number, head.chat, NOW))
    assert await all_made() == 0 and await Request.all().count() == 0 and await BatchRow.all().count() == 0
    left = await Batch.get(id=batch.id).select_related("file", "report")
    assert left.state is BatchState.CANCELLED
    assert left.report is not None and {left.file.problem, left.report.problem} == {PURGED}
    with pytest.raises(AlreadyChosen):
        await act(lambda: batch_choices.report_of(batch.number, head.chat, NOW))


async def test_the_same_people_in_two_lists_become_one_request_each(world: World) -> None:
    head = await a_head(world)
    first, second = await head.hands_in(people(2)), await head.hands_in(people(3))
    await head.takes(first)
    await head.takes(second)
    assert await all_made() == 3
    done = await Batch.get(id=second.id)
    assert (done.good, done.refused) == (1, 2)
    third = await head.hands_in(people(3))
    assert (third.good, third.refused) == (0, 3)
    with pytest.raises(NothingToTake):
        await head.takes(third)
    assert await named() == 0


async def test_a_day_takes_so_many_rows_and_the_list_waits(world: World, here: OfficeContext) -> None:
    open_office(limits=Limits(village_rows_per_day=3))
    head = await a_head(world)
    await head.takes(await head.hands_in(people(2)))
    more = await head.hands_in(people(2, first=10))
    with pytest.raises(TooManyRowsToday) as no:
        await head.takes(more)
    assert no.value.facts == {"most": 3, "left": 1}
    await act(lambda: staff.keep_awake(head.chat, NOW + AWAKE / 2))
    await head.takes(more, NOW + AWAKE / 2 + timedelta(hours=11))  # after midnight
    assert await all_made() == 4


async def test_another_heads_list_is_as_none(world: World) -> None:
    batch, other = await of_outcomes(world), await a_head(world, "Marten Nggi")
    for look in (batch_choices.accept, batch_choices.cancel, batch_choices.report_of):
        for number in (batch.number, 99):
            with pytest.raises(NoSuchBatch):
                await act(lambda look=look, number=number: look(number, other.chat, NOW))  # type: ignore[misc]
    assert (await Batch.get(id=batch.id)).state is BatchState.CHECKED


async def test_a_chat_that_is_asleep_or_no_heads_any_more_chooses_nothing(world: World) -> None:
    batch = await of_outcomes(world)
    head = await chat_of(batch)
    with pytest.raises(HeadAsleep):
        await head.takes(batch, NOW + AWAKE)
    await act(lambda: staff.remove(head.staff.id, NOW))
    with pytest.raises(NotTheirHead):
        await head.takes(batch)
    assert (await Batch.get(id=batch.id)).state is BatchState.CHECKED


async def test_of_a_head_who_was_removed_nothing_more_is_made(world: World) -> None:
    head = await a_head(world)
    batch = await head.takes(await head.hands_in(people(2)))
    await act(lambda: staff.remove(head.staff.id, NOW))
    assert await all_made() == 0 and await Request.all().count() == 0 and await named() == 0
    assert (await Batch.get(id=batch.id)).state is BatchState.CANCELLED


async def test_whoever_asked_that_nothing_be_done_waits(world: World) -> None:
    head = await a_head(world)
    await head.takes(await head.hands_in(people(1)))
    file = await world.scan(mime="text/csv")
    await act(lambda: batches.receive(file, head.staff, head.chat, ("telegram", "bot"), NOW))
    for since, made in ((NOW, 0), (None, 1)):
        await Contact.filter(id=head.chat.id).update(restricted_at=since)
        assert await all_made() == made
        assert (await batches.next_to_check() is None) is (since is not None)


async def test_a_draft_is_handed_in_by_its_head_alone_and_for_its_village(world: World) -> None:
    head = await a_head(world)
    await head.takes(await head.hands_in(people(1)))
    await all_made()
    draft = await world.with_papers(await Request.get())
    with pytest.raises(VillageFixed):
        await act(lambda: requests.set_village(draft, village("53.14.11.2001")))
    with pytest.raises(HeadAsleep):
        await act(lambda: requests.submit(draft, NOW + AWAKE))
    await act(lambda: staff.unbind(head.chat, NOW))
    with pytest.raises(NotTheirHead):
        await act(lambda: requests.submit(draft, NOW))
    assert (await Request.get()).state is RequestState.DRAFT
    code = await act(lambda: staff.new_binding_code(head.staff, NOW))
    await act(lambda: staff.bind(code, head.chat, "telegram", "bot", NOW))
    assert (await act(lambda: requests.submit(draft, NOW))).queue_number == 1


async def test_drafts_of_a_list_are_no_drafts_of_the_heads_own(world: World) -> None:
    head = await a_head(world)
    own = await world.draft(citizen=head.chat)
    await head.takes(await head.hands_in(people(2)))
    await all_made(NOW + DAY)
    assert await requests.draft_of(head.chat) == own
    waiting = await village_drafts.waiting(head.chat, head.staff)
    assert [one.nik for one in waiting] == [nik_of(1), nik_of(2)]
    number = str(RequestNumber(own.number))
    with pytest.raises(RequestNotFound):
        await act(lambda: village_drafts.numbered(number, head.chat, head.staff, NOW))
    assert await village_drafts.by_id(waiting[0].id, head.chat, head.staff) == waiting[0]
    other = await a_head(world, "Marten Nggi")
    for request_id, chat in ((own.id, head.chat), (waiting[0].id, other.chat), (999_999, head.chat)):
        assert await village_drafts.by_id(request_id, chat, head.staff) is None


async def test_a_head_who_sends_for_many_is_no_broker_not_even_later(world: World) -> None:
    head = await a_head(world)
    await head.takes(await head.hands_in(people(8)))
    await all_made()
    for draft in await Request.all():
        ready = await world.with_papers(draft)
        await act(lambda ready=ready: requests.submit(ready, NOW))  # type: ignore[misc]
    assert await strangers_of(head.chat.id, NOW) == 0
    await act(lambda: staff.remove(head.staff.id, NOW))
    assert await strangers_of(head.chat.id, NOW) == 0 and await Alert.all().count() == 0


async def test_an_erased_head_leaves_no_name_and_no_nik(world: World) -> None:
    head = await a_head(world)
    await head.takes(await head.hands_in(people(1)))
    await all_made()
    waiting = await head.hands_in(people(2, first=5))
    await act(lambda: staff.unbind(head.chat, NOW))
    await act(lambda: erasure.erase(head.chat, NOW))
    assert await BatchRow.all().count() == 0
    assert await StoredFile.filter(problem=None).count() == 2  # …that the tests themselves made beside them
    left = await Batch.get(id=waiting.id)
    assert (left.state, left.forgotten_at) == (BatchState.LAPSED, NOW)
    gone = await Request.get()
    assert (gone.subject_name, gone.nik, gone.relation) == (None, None, None)


async def test_what_was_not_chosen_goes_after_a_week_and_nothing_before(world: World) -> None:
    head = await a_head(world)
    waits, taken = await head.hands_in(people(2)), await head.hands_in(people(2, first=5))
    kinds = [kind for kind in EVERYTHING if kind.name == "batches"]
    assert await purge.purge_all(NOW + LIVES, kinds) == {"batches": 0}
    await act(lambda: batch_choices.accept(taken.number, head.chat, NOW))
    late = NOW + LIVES + DAY
    assert await purge.purge_all(late, kinds) == {"batches": 1}  # what is being made stays
    lapsed = await Batch.get(id=waits.id).select_related("report")
    assert lapsed.state is BatchState.LAPSED and lapsed.report is not None
    assert lapsed.report.problem == PURGED
    assert await BatchRow.filter(batch_id=waits.id).count() == 0
    assert await BatchRow.filter(batch_id=taken.id, outcome=Outcome.GOOD).count() == 2
    assert await all_made(late) == 2
    assert await purge.purge_all(late, kinds) == {"batches": 0}
    assert await purge.purge_all(late + LIVES + DAY, kinds) == {"batches": 1}
    assert await BatchRow.all().count() == 0
    with pytest.raises(AlreadyChosen):
        await act(lambda: staff.keep_awake(head.chat, NOW))
        await head.takes(lapsed)
