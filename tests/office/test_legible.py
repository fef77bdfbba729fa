"""Papers that nobody can read are asked for again, and only they; copies and pages are known as such."""

from models.files import StoredFile
from models.requests import Paper, Request, RequestState
from office import papers
from office.dossier import dossier_of
from tests.office.world import NOW, World, act, journal

AKTA = "AKTA_LAHIR"  # surat_lahir, buku_nikah, kk


async def read_as(scan: StoredFile, verdict: str = "readable", **more: object) -> StoredFile:
    """The scan as it is kept where files are read."""
    await StoredFile.filter(id=scan.id).update(verdict=verdict, **more)
    return await StoredFile.get(id=scan.id)


async def document(world: World, *verdicts: str) -> StoredFile:
    """A PDF of so many pages; gives its first."""
    first = await read_as(await world.scan(), verdicts[0], sent_sha256="d" * 64)
    for number, verdict in enumerate(verdicts[1:], start=1):
        await read_as(await world.scan(), verdict, page_of_id=first.id, position=number)
    return first


async def slots(request: Request) -> list[str]:
    return [paper.slot for paper in await papers.papers_of(request)]


async def test_what_cannot_be_read_is_asked_for_twice_and_the_third_goes_to_a_person(world: World) -> None:
    request = await world.draft()
    for reason in ("dark", "blurred"):
        bad = await read_as(await world.scan(), reason)
        taken = await act(lambda bad=bad: papers.take(request, [(bad, "kk")], NOW))
        assert [(slot.key, str(why)) for slot, why in taken.blurry] == [("kk", reason)]
        assert taken.placed == () and taken.doubtful == ()
    assert (await papers.checklist(request)).received == 0

    third = await read_as(await world.scan(), "cut")
    taken = await act(lambda: papers.take(request, [(third, "kk")], NOW))
    assert [slot.key for slot in taken.doubtful] == ["kk"] and taken.blurry == ()
    assert await slots(request) == ["kk"]
    assert [action for action, _, _ in await journal(request)][-3:] == ["unreadable", "unreadable", "paper"]
    (line,) = (await dossier_of(request)).papers
    assert line.unreadable == "cut"

    again = await read_as(await world.scan(), "dark")  # a better one was asked for by nobody: counted anew
    taken = await act(lambda: papers.take(request, [(again, "kk")], NOW))
    assert len(taken.blurry) == 1 and await slots(request) == ["kk"]


async def test_the_tries_of_one_paper_are_not_those_of_another(world: World) -> None:
    request = await world.draft()
    for slot in ("kk", "surat_hilang", "kk", "surat_hilang"):
        bad = await read_as(await world.scan(), "dark")
        taken = await act(lambda bad=bad, slot=slot: papers.take(request, [(bad, slot)], NOW))
        assert len(taken.blurry) == 1
    assert await slots(request) == []


async def test_in_an_album_the_next_picture_does_not_take_the_place_of_a_bad_one(world: World) -> None:
    request = await world.draft(AKTA)
    bad, good = await read_as(await world.scan(), "blurred"), await read_as(await world.scan())
    taken = await act(lambda: papers.take(request, [(bad, None), (good, None)], NOW))
    assert [slot.key for slot, _ in taken.blurry] == ["surat_lahir"]
    assert await slots(request) == ["buku_nikah"]
    better = await read_as(await world.scan())
    await act(lambda: papers.take(request, [(better, None)], NOW))
    assert sorted(await slots(request)) == ["buku_nikah", "surat_lahir"]


async def test_of_two_pictures_of_one_paper_the_readable_one_counts(world: World) -> None:
    for order in ((0, 1), (1, 0)):
        request = await world.draft()
        both = [await read_as(await world.scan(), "dark"), await read_as(await world.scan())]
        album = [(both[n], "kk") for n in order]
        taken = await act(lambda album=album, request=request: papers.take(request, album, NOW))
        assert taken.blurry == ()
        held = {paper.slot: paper.scan_id for paper in await papers.papers_of(request)}
        assert held["kk"] == both[1].id


async def test_a_correction_waits_until_it_can_be_read(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    await act(lambda: papers.ask_again(request, "kk", "buram", yanti, NOW))
    bad, good = await read_as(await world.scan(), "glare"), await read_as(await world.scan())
    taken = await act(lambda: papers.take(request, [(bad, None)], NOW))
    assert [slot.key for slot, _ in taken.blurry] == ["kk"] and not taken.back
    assert (await Request.get(id=request.id)).state is RequestState.NEEDS_CORRECTION
    assert (await act(lambda: papers.take(request, [(good, None)], NOW))).back


async def test_what_fills_no_slot_is_kept_as_it_is(world: World) -> None:
    request = await world.submitted()
    bad = await read_as(await world.scan(), "dark")
    taken = await act(lambda: papers.take(request, [(bad, None)], NOW))
    assert [slot for slot, _ in taken.placed] == [None] and taken.blurry == ()


async def test_each_page_of_a_pdf_fills_the_next_place(world: World) -> None:
    request = await world.draft(AKTA)
    first = await document(world, *["readable"] * 4)
    taken = await act(lambda: papers.take(request, [(first, None)], NOW))
    assert [slot.key if slot else None for slot, _ in taken.placed] == [
        "surat_lahir",
        "buku_nikah",
        "kk",
        None,
    ]


async def test_pages_lie_in_one_place_where_it_is_named_or_the_only_one(world: World) -> None:
    request = await world.draft()
    first = await document(world, "readable", "readable")
    await act(lambda: papers.take(request, [(first, "KK")], NOW))
    assert await slots(request) == ["kk", "kk"]
    second = await document(world, "readable", "readable")
    await StoredFile.filter(id=second.id).update(sent_sha256="e" * 64)
    second = await StoredFile.get(id=second.id)
    await act(lambda: papers.take(request, [(second, None)], NOW))
    assert await slots(request) == ["kk", "kk", "surat_hilang", "surat_hilang"]
    there = await papers.checklist(request)
    assert (there.received, there.missing) == (2, ())

    await act(lambda: papers.swap(request, 1, 4, NOW))
    assert await slots(request) == ["surat_hilang", "surat_hilang", "kk", "kk"]
    one_page = await read_as(await world.scan())
    await act(lambda: papers.take(request, [(one_page, "kk")], NOW))
    assert await slots(request) == ["surat_hilang", "surat_hilang", "kk"]


async def test_a_page_that_cannot_be_read_keeps_its_document_out(world: World) -> None:
    request = await world.draft()
    first = await document(world, "readable", "dark")
    taken = await act(lambda: papers.take(request, [(first, "kk")], NOW))
    assert [slot.key for slot, _ in taken.blurry] == ["kk"] and await slots(request) == []


async def test_the_same_file_counts_once_also_where_it_was_read(world: World) -> None:
    request = await world.draft()
    one = await read_as(await world.scan(), sent_sha256="a" * 64)
    again = await read_as(await world.scan(), sent_sha256="a" * 64)
    taken = await act(lambda: papers.take(request, [(one, None), (again, None)], NOW))
    assert len(taken.placed) == 1 and taken.twice == (again,)


async def test_a_copy_saved_anew_is_shown_and_not_refused(world: World) -> None:
    request = await world.draft()
    one = await read_as(await world.scan(), looks="00ff00ff00ff00ff")
    copy = await read_as(await world.scan(), looks="00ff00ff00ff00fd")
    other = await read_as(await world.scan(), looks="0123456789abcdef")
    taken = await act(lambda: papers.take(request, [(one, None), (copy, None), (other, None)], NOW))
    assert len(taken.placed) == 3 and taken.alike == 1
    assert [line.like for line in (await dossier_of(request)).papers] == [None, 1, None]
    assert await Paper.filter(request_id=request.id).count() == 3
