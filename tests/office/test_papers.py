"""Papers: which slot a scan fills, what is missing, and how one is asked for again."""

from datetime import timedelta

import pytest

from models.files import FileState, StoredFile
from models.outbox import OutboxMessage
from models.requests import Paper, PaperState, Request, RequestState
from office import desk, papers
from office.catalogue import PaperUnknown
from office.papers import NoMorePapers, NoSuchPaper
from office.staff_words import ReasonNeeded, TooLongForOneMessage
from tests.office.world import NOW, World, act, journal, notices_of


async def slots(request: Request) -> dict[str, str]:
    """Slot → file, of the papers that count."""
    return {paper.slot: paper.scan.file_id for paper in await papers.papers_of(request)}


async def test_an_album_in_any_order_is_one_step(world: World) -> None:
    request = await world.draft("AKTA_LAHIR")
    kk, letter, marriage, other = [await world.scan() for _ in range(4)]
    again = await world.scan(sha=kk.sha256)
    album = [(kk, "KK"), (letter, None), (again, None), (marriage, " buku  NIKAH "), (other, None)]
    taken = await act(lambda: papers.take(request, album, NOW))

    placed = [(slot.key if slot else None, scan.file_id) for slot, scan in taken.placed]
    assert placed == [
        ("kk", kk.file_id),
        ("surat_lahir", letter.file_id),
        ("buku_nikah", marriage.file_id),
        (None, other.file_id),
    ]
    assert taken.twice == (again,) and taken.refused == ()
    there = await papers.checklist(request)
    assert (there.received, there.total, there.missing, there.extra) == (3, 3, (), 1)


async def test_the_list_counts_required_papers_only(world: World) -> None:
    request = await world.draft("AKTA_LAHIR")
    there = await papers.checklist(request)
    assert (there.received, there.total) == (0, 3)
    assert [slot.key for slot in there.missing] == ["surat_lahir", "buku_nikah", "kk"]
    assert [status.slot.key for status in there.optional] == ["sptjm_lahir", "sptjm_pasutri"]


async def test_a_substitute_excuses_what_it_replaces(world: World) -> None:
    request = await world.draft("AKTA_LAHIR")
    statement, next_one = await world.scan(), await world.scan()
    await act(lambda: papers.take(request, [(statement, "F-2.04"), (next_one, None)], NOW))
    assert await slots(request) == {"sptjm_pasutri": statement.file_id, "surat_lahir": next_one.file_id}
    there = await papers.checklist(request)
    assert (there.received, [slot.key for slot in there.missing]) == (2, ["kk"])


async def test_a_better_picture_replaces_the_one_before_and_both_are_kept(world: World) -> None:
    request = await world.draft()
    dark, bright = await world.scan(), await world.scan()
    await act(lambda: papers.take(request, [(dark, "kk")], NOW))
    await act(lambda: papers.take(request, [(bright, "kartu keluarga")], NOW))
    assert await slots(request) == {"kk": bright.file_id}
    states = [paper.state for paper in await Paper.filter(request_id=request.id).order_by("id")]
    assert states == [PaperState.REPLACED, PaperState.RECEIVED]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"size": 0}, "empty"),
        ({"size": papers.LARGEST + 1}, "too_big"),
        ({"mime": "audio/ogg"}, "not_a_paper"),
        ({"mime": "image/gif"}, "not_a_paper"),
        ({"mime": "application/x-msdownload"}, "not_a_paper"),
        ({"state": FileState.REFUSED, "problem": "gone", "size": 0}, "gone"),
        ({"state": FileState.REFUSED, "problem": "too_big", "size": 0}, "too_big"),
    ],
)
async def test_what_is_no_paper_is_refused_and_the_rest_is_kept(
    world: World, changes: dict[str, object], problem: str
) -> None:
    request = await world.draft()
    bad, good = await world.scan(), await world.scan("application/pdf", size=papers.LARGEST)
    await StoredFile.filter(id=bad.id).update(**changes)
    bad = await StoredFile.get(id=bad.id)
    taken = await act(lambda: papers.take(request, [(bad, "kk"), (good, None)], NOW))
    assert taken.refused == ((bad, problem),)
    assert await slots(request) == {"surat_hilang": good.file_id}


async def test_one_paper_is_asked_for_again_and_only_that_is_answered(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    kk = (await slots(request))["kk"]
    asked, slot = await act(
        lambda: papers.ask_again(request, "surat polisi", "Cap  tidak\nterbaca.", yanti, NOW)
    )
    assert (asked.state, slot.key) == (RequestState.NEEDS_CORRECTION, "surat_hilang")
    assert asked.correct_by == NOW + timedelta(days=14)
    (status,) = (await papers.checklist(request)).asked
    assert (status.slot.key, status.reason) == ("surat_hilang", "Cap tidak terbaca.")
    (notice,) = [one for one in await notices_of(request) if one.name == "needs_correction"]
    assert notice.key == f"request:{request.id}:needs_correction:1"

    wrong, right = await world.scan(), await world.scan()
    taken = await act(lambda: papers.take(request, [(wrong, "kk"), (right, None)], NOW))
    assert [slot.key if slot else None for slot, _ in taken.placed] == [None, "surat_hilang"]
    assert taken.back
    here = await Request.get(id=request.id)
    assert (here.state, here.owner_id, here.queue_number) == (
        RequestState.IN_REVIEW,
        yanti.id,
        request.queue_number,
    )
    assert here.submitted_at == request.submitted_at and here.correct_by is None
    assert (await slots(request))["kk"] == kk
    assert (await journal(request))[-1] == ("corrected", "needs_correction", "in_review")


async def test_two_papers_asked_for_are_both_awaited(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    await act(lambda: papers.ask_again(request, "kk", "buram", yanti, NOW))
    await act(lambda: papers.ask_again(request, "surat_hilang", "terpotong", yanti, NOW))
    assert [one.key for one in await notices_of(request) if one.name == "needs_correction"] == [
        f"request:{request.id}:needs_correction:{turn}" for turn in (1, 2)
    ]
    first, second = await world.scan(), await world.scan()
    taken = await act(lambda: papers.take(request, [(first, None)], NOW))
    assert [slot.key for slot, _ in taken.placed if slot] == ["kk"] and not taken.back
    taken = await act(lambda: papers.take(request, [(second, None)], NOW))
    assert [slot.key for slot, _ in taken.placed if slot] == ["surat_hilang"] and taken.back


async def test_a_paper_that_never_came_can_be_asked_for(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti, "UBAH_DATA")
    await act(lambda: papers.ask_again(request, "penetapan", "Nama berubah.", yanti, NOW))
    assert [status.slot.key for status in (await papers.checklist(request)).asked] == ["penetapan"]
    order = await world.scan()
    taken = await act(lambda: papers.take(request, [(order, None)], NOW))
    assert [slot.key for slot, _ in taken.placed if slot] == ["penetapan"] and taken.back


async def test_the_operator_learns_that_the_correction_came(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    chat, _ = await world.bound(yanti), await world.bound(ferdi)
    request = await world.taken(yanti)
    await act(lambda: papers.ask_again(request, "kk", "buram", yanti, NOW))
    scan = await world.scan()
    await act(lambda: papers.take(request, [(scan, None)], NOW))
    told = await OutboxMessage.filter(name="staff_corrected")
    assert [message.contact_id for message in told] == [chat.id]


async def test_a_reason_is_needed_and_has_to_fit(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    with pytest.raises(ReasonNeeded):
        await act(lambda: papers.ask_again(request, "kk", "  ", yanti, NOW))
    with pytest.raises(TooLongForOneMessage):
        await act(lambda: papers.ask_again(request, "kk", "x" * 301, yanti, NOW))
    with pytest.raises(PaperUnknown):
        await act(lambda: papers.ask_again(request, "paspor", "buram", yanti, NOW))
    assert (await Request.get(id=request.id)).state is RequestState.IN_REVIEW


async def test_an_operator_puts_the_right_label_on(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    before = [paper.scan.file_id for paper in await papers.papers_of(request)]
    await act(lambda: papers.relabel(request, 1, "kk", yanti, NOW))
    after = [(paper.slot, paper.scan.file_id) for paper in await papers.papers_of(request)]
    assert after == [("kk", before[0]), ("extra", before[1])]
    await act(lambda: papers.relabel(request, 2, "surat hilang polisi", yanti, NOW))
    assert (await papers.checklist(request)).missing == ()
    with pytest.raises(NoSuchPaper):
        await act(lambda: papers.relabel(request, 3, "kk", yanti, NOW))


async def test_a_citizen_swaps_two_papers_of_a_draft(world: World) -> None:
    request = await world.with_papers(await world.draft())
    before = await slots(request)
    await act(lambda: papers.swap(request, 1, 2, NOW))
    after = await slots(request)
    assert (after["kk"], after["surat_hilang"]) == (before["surat_hilang"], before["kk"])
    for a, b in ((0, 1), (1, 3), (-1, 1)):
        with pytest.raises(NoSuchPaper):
            await act(lambda a=a, b=b: papers.swap(request, a, b, NOW))  # type: ignore[misc]


async def test_what_is_over_takes_no_papers(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    number = request.queue_number or 0
    await act(lambda: desk.reject(number, "Bukan milik pemohon.", yanti, NOW))
    scan = await world.scan()
    with pytest.raises(NoMorePapers):
        await act(lambda: papers.take(request, [(scan, None)], NOW))
