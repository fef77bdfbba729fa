"""How much one person may send in a day, by the rows: what is more is kept and has its turn."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from models.calls import Alert, AlertKind
from models.contacts import Contact
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxMessage
from models.requests import Paper, PaperState, Request, RequestState
from models.staff import Role
from office import alerts, desk, limits, papers, requests
from office.context import open_office
from office.limit_settings import Limits
from office.limits import TooManyRequests
from office.papers import Taken
from scheduler.ticks import tick
from tests.office.world import NOW, World, act

LAST_MINUTE = datetime.fromisoformat("2026-11-24T23:59:59+08:00")
MIDNIGHT = datetime.fromisoformat("2026-11-25T00:00:00+08:00")


def hold_to(**most: int) -> None:
    open_office(public_url="https://loket.example", limits=Limits(**most))


async def alerts_of(kind: AlertKind) -> list[str]:
    return [alert.about for alert in await Alert.filter(kind=kind).order_by("id")]


async def test_so_many_requests_a_day_and_the_draft_is_kept(world: World) -> None:
    hold_to(requests_per_day=2)
    maria, yusuf = await world.citizen(), await world.citizen("Yusuf Ndun")
    begun_before = await world.with_papers(await world.draft(citizen=maria))
    for _ in range(2):
        await world.submitted(citizen=maria)
    for late in (NOW, LAST_MINUTE):
        with pytest.raises(TooManyRequests) as refused:
            await act(lambda late=late: requests.submit(begun_before, late))
        assert refused.value.facts == {"most": 2, "again": MIDNIGHT}
        with pytest.raises(TooManyRequests):
            await act(lambda late=late: requests.start(world.service(), maria, "whatsapp", "1234", late))
    assert (await Request.get(id=begun_before.id)).state is RequestState.DRAFT
    assert await Paper.filter(request_id=begun_before.id).count() == 2
    await world.submitted(citizen=yusuf)
    assert (await act(lambda: requests.submit(begun_before, MIDNIGHT))).state is RequestState.SUBMITTED


async def test_the_refusal_commits_and_staff_are_told_once_a_day(world: World) -> None:
    hold_to(requests_per_day=1)
    maria = await world.citizen()
    await world.bound(await world.operator())
    await world.submitted(citizen=maria)

    async def tries() -> None:
        with pytest.raises(TooManyRequests):
            await requests.start(world.service(), maria, "whatsapp", "1234", NOW)

    await act(tries)
    await act(tries)
    assert await alerts_of(AlertKind.LIMIT) == [f"requests:{maria.id}:2026-11-24"]
    assert await act(lambda: alerts.tell(NOW)) == 1
    assert "limit" in str((await OutboxMessage.get(name="staff_alerts")).payload)


async def test_begun_and_left_requests_end_somewhere_too(world: World) -> None:
    hold_to(requests_per_day=1)
    maria = await world.citizen()
    for _ in range(limits.DRAFTS):
        await world.draft(citizen=maria)
    with pytest.raises(TooManyRequests):
        await world.draft(citizen=maria)


async def test_a_village_head_sends_for_a_village(world: World) -> None:
    hold_to(requests_per_day=1, papers_per_day=1)
    chat = await world.bound(await world.operator("Kepala Desa", Role.VILLAGE_HEAD))
    for _ in range(2):
        await world.submitted(citizen=chat)
    assert await alerts_of(AlertKind.LIMIT) == []


async def put_in(world: World, request: Request, scans: Sequence[StoredFile], now: datetime = NOW) -> Taken:
    return await act(lambda: papers.take(request, [(scan, None) for scan in scans], now))


async def test_what_is_more_than_a_day_takes_waits_and_is_put_in_by_itself(world: World) -> None:
    hold_to(papers_per_day=2)
    yusuf, maria = await world.citizen("Yusuf Ndun"), await world.citizen()
    first, second = await world.draft(citizen=maria), await world.draft(citizen=maria)
    scans = [await world.scan() for _ in range(3)]
    assert (await put_in(world, first, scans[:1])).waiting == 0
    taken = await put_in(world, second, scans[1:])
    assert ([slot.key for slot, _ in taken.placed if slot], taken.waiting) == (["surat_hilang"], 1)
    again = await put_in(world, second, scans[2:])
    assert (again.waiting, len(again.twice)) == (0, 1)  # sent again, it is there already
    held = await papers.checklist(second)
    assert ([status.slot.key for status in held.slots if status.paper], held.extra) == (["surat_hilang"], 0)
    assert (await put_in(world, await world.draft(citizen=yusuf), [await world.scan()])).waiting == 0
    assert await alerts_of(AlertKind.LIMIT) == [f"papers:{maria.id}:2026-11-24"]

    await tick(LAST_MINUTE)
    assert len((await papers.checklist(second)).missing) == 1
    await tick(MIDNIGHT)
    assert (await papers.checklist(second)).missing == ()
    assert await Paper.filter(state=PaperState.WAITING).count() == 0
    assert await Paper.filter(request_id=second.id).count() == 2


async def test_the_pages_of_a_pdf_are_one_paper(world: World) -> None:
    hold_to(papers_per_day=2)
    draft = await world.draft()
    pdf, page = await world.scan(), await world.scan()
    await StoredFile.filter(id=page.id).update(page_of_id=pdf.id, position=1)
    await put_in(world, draft, [pdf])
    assert await Paper.filter(request_id=draft.id).count() == 2
    assert (await put_in(world, draft, [await world.scan()])).waiting == 0
    assert (await put_in(world, draft, [await world.scan()])).waiting == 1


async def test_a_paper_that_the_office_asked_for_never_waits(world: World) -> None:
    hold_to(papers_per_day=2)
    yanti = await world.operator()
    maria = await world.citizen()
    request = await world.taken(yanti, citizen=maria)
    request, _ = await act(lambda: papers.ask_again(request, "kk", "buram", yanti, NOW))
    late = await put_in(world, await world.draft(citizen=maria), [await world.scan()])
    taken = await put_in(world, request, [await world.scan()])
    assert (late.waiting, taken.waiting, taken.back) == (1, 0, True)


async def test_the_caption_waits_with_the_paper_and_a_request_that_ended_keeps_it(world: World) -> None:
    hold_to(papers_per_day=1)
    maria = await world.citizen()
    other, draft, left = [await world.draft(citizen=maria) for _ in range(3)]
    await put_in(world, other, [await world.scan()])
    named, extra = await world.scan(), await world.scan()
    await act(lambda: papers.take(draft, [(named, "KK")], NOW))
    await put_in(world, left, [extra])
    await act(lambda: requests.drop_draft(left, maria, NOW))
    await tick(MIDNIGHT)
    assert (await Paper.get(request_id=draft.id, scan_id=named.id)).slot == "kk"
    assert (await Paper.get(scan_id=extra.id)).state is PaperState.REPLACED


async def heard(contact: Contact, sent_size: int, at: datetime = NOW, number: int = 1) -> InboxEvent:
    event = await InboxEvent.create(
        office_id=contact.office_id,
        channel="whatsapp",
        account="1234",
        external_id=f"{contact.id}-{number}-{at.isoformat()}",
        kind=InboxKind.MESSAGE,
        contact_id=contact.id,
        body="{}",
        received_at=at,
        state=InboxState.DONE,
        done_at=at,
    )
    if sent_size:
        await StoredFile.create(
            office_id=contact.office_id,
            file_id=f"wa-{event.id}",
            event_id=event.id,
            sent_size=sent_size,
            created_at=at,
        )
    return event


async def test_bytes_are_counted_from_midnight_to_midnight(world: World) -> None:
    hold_to(megabytes_per_day=16)
    maria, yusuf = await world.citizen(), await world.citizen("Yusuf Ndun")
    event = await heard(maria, 15_000_000)
    assert await limits.bytes_left(event, NOW) == 1_000_000
    await heard(maria, 2_000_000, LAST_MINUTE)
    assert await limits.bytes_left(event, LAST_MINUTE) == 0
    assert await limits.bytes_left(event, MIDNIGHT) == 16_000_000
    assert await limits.bytes_left(await heard(yusuf, 0), NOW) == 16_000_000


async def test_what_was_handled_in_the_last_minute_is_counted_by_the_rows(world: World) -> None:
    maria = await world.citizen()
    for number, seconds in enumerate((0, 59, 61)):
        event = await heard(maria, 0, NOW - timedelta(seconds=seconds), number)
    await heard(await world.citizen("Yusuf Ndun"), 0)
    assert await limits.said_lately(event, NOW) == 2


async def test_who_writes_too_fast_is_told_once_and_the_desk_need_not_wait(world: World) -> None:
    maria = await world.citizen()
    event = await heard(maria, 0)
    for _ in range(3):
        assert await act(lambda: limits.too_fast(event, NOW))
    assert await OutboxMessage.filter(name="too_fast").count() == 1
    assert await act(lambda: limits.too_fast(event, NOW + timedelta(seconds=limits.TOLD_AGAIN)))
    assert await OutboxMessage.filter(name="too_fast", contact_id=maria.id).count() == 2
    desk_chat = await world.bound(await world.operator())
    assert not await act(
        lambda: limits.too_fast(InboxEvent(contact_id=desk_chat.id, office_id=world.office_id), NOW)
    )


async def test_the_dossier_says_that_papers_wait(world: World) -> None:
    hold_to(papers_per_day=2)
    request, yanti = await world.submitted(), await world.operator()
    await put_in(world, request, [await world.scan()])
    assert (await act(lambda: desk.dossier(request.queue_number or 0, yanti, NOW))).waiting == 1
