"""What malware was found in later: who is asked for it again, and who only hears of it."""

import json
from pathlib import Path

import pytest

from bot.clamd import Clamd
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.audit import AuditRow
from models.calls import Alert
from models.contacts import Contact
from models.files import FileState, Scanned, StoredFile
from models.inbox import InboxEvent, InboxKind
from models.requests import JournalEntry, Paper, PaperState, Request, RequestState
from office import alerts, papers, unscanned
from scheduler.scanning import Scanning
from tests.fakes.clamd import FakeClamd
from tests.office.world import NOW, World, act, journal, notices_of


async def of_slot(request: Request, slot: str) -> StoredFile:
    paper = await Paper.get(request_id=request.id, slot=slot).prefetch_related("scan")
    await StoredFile.filter(id=paper.scan_id).update(scanned=Scanned.NOT)
    return await StoredFile.get(id=paper.scan_id)


async def missing(request: Request) -> list[str]:
    return [slot.key for slot in (await papers.checklist(request)).missing]


async def test_a_draft_lacks_the_paper_again_and_its_citizen_is_told(world: World) -> None:
    draft = await world.with_papers(await world.draft())
    await Contact.filter(id=draft.contact_id).update(language="en")
    file = await of_slot(draft, "kk")
    assert await act(lambda: unscanned.take_back(file, NOW))
    assert await missing(draft) == ["kk"]
    [notice] = await notices_of(draft)
    assert "There is malware in the file for" in json.loads(notice.payload)["text"]
    assert await act(lambda: unscanned.take_back(file, NOW)) is False  # two clocks


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("submitted", [("malware", "in_review"), ("ask_again", "needs_correction")]),
        ("in_review", [("malware", "in_review"), ("ask_again", "needs_correction")]),
        ("needs_correction", [("malware", "needs_correction"), ("ask_again", "needs_correction")]),
        ("complete", [("malware", "complete")]),
        ("closed", [("malware", "closed")]),
    ],
)
async def test_it_is_asked_for_while_nobody_has_gone_on_by_it(
    world: World, state: str, steps: list[tuple[str, str]]
) -> None:
    request = await world.submitted()
    await Request.filter(id=request.id).update(state=RequestState(state))
    file = await of_slot(request, "kk")
    before = len(await journal(request))
    assert await act(lambda: unscanned.take_back(file, NOW))
    assert [(action, after) for action, _, after in (await journal(request))[before:]] == steps
    told = [notice.name for notice in await notices_of(request)]
    assert told == (["needs_correction"] if len(steps) == 2 else [])
    paper = await Paper.get(request_id=request.id, slot="kk")
    assert paper.state is (PaperState.ASKED_AGAIN if told else PaperState.RECEIVED)
    assert {entry.actor for entry in await JournalEntry.filter(action="malware")} == {"clock"}
    assert await AuditRow.filter(action="malware_found", object=f"file:{file.id}").count() == 1


async def test_a_document_goes_whole_and_is_told_once_and_a_loose_one_too(world: World) -> None:
    first, loose = await world.scan(), await world.scan()
    second = await world.scan()
    await StoredFile.filter(id=second.id).update(page_of_id=first.id, scanned=Scanned.NOT)
    request = await world.draft()
    await act(lambda: papers.take(request, [(first, "kk")], NOW))
    await StoredFile.filter(id=loose.id).update(scanned=Scanned.NOT)
    for file in await unscanned.waiting(0, 9):
        await act(lambda file=file: unscanned.take_back(file, NOW))
    gone = await StoredFile.filter(state=FileState.REFUSED, problem="malware").order_by("id")
    assert [file.id for file in gone] == [first.id, loose.id, second.id]
    assert await act(lambda: alerts.notice_trouble(NOW)) == 0
    told = await Alert.all().order_by("about").values_list("kind", "about")
    assert told == sorted([("infected", f"file:{first.id}"), ("infected", f"file:{loose.id}")])
    assert len(await notices_of(request)) == 1


async def test_what_never_gets_an_answer_stands_in_nobodys_way(world: World, tmp_path: Path) -> None:
    storage = SealedStorage(Storage.open(f"file://{tmp_path}/papers"))
    files = [await world.scan() for _ in range(5)]
    for file in files:
        key = f"2026/11/24/{file.file_id}"
        await storage.put(key, b"paper" * (200_000 if file is files[0] else 1), office_id=world.office_id)
        await StoredFile.filter(id=file.id).update(storage_key=key, scanned=Scanned.NOT)
    await storage.plain.empty(f"2026/11/24/{files[1].file_id}")  # nobody can open it
    resting = await Contact.create(office_id=world.office_id, name="", created_at=NOW, restricted_at=NOW)
    event = await InboxEvent.create(
        office_id=world.office_id,
        channel="whatsapp",
        account="1",
        external_id="x",
        kind=InboxKind.MESSAGE,
        contact_id=resting.id,
        body="{}",
        received_at=NOW,
    )
    await StoredFile.filter(id=files[4].id).update(event_id=event.id)

    clamd = FakeClamd(stream_max_length=1000)
    async with clamd.on_port() as address:
        scanning = Scanning(storage, Clamd(address))
        for _ in range(4):
            await scanning(NOW)
    waits = await StoredFile.filter(scanned=Scanned.NOT).order_by("id")
    assert [file.id for file in waits] == [files[0].id, files[1].id, files[4].id]
    assert clamd.scanned == [b"paper"] * 2
