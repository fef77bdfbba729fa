"""Papers on a page of ours: from the link in the chat to a filed request."""

import json

import aiohttp

from models.files import StoredFile
from models.forms import FormToken, Upload
from models.requests import Paper, PaperState, Request, RequestState
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import comes_to_the_papers, number_in, said, says, settled
from tests.reading import bad_pictures
from tests.uploads.page import link_in, opened, page_of


async def test_a_lost_card_is_filed_with_papers_from_the_page(counter: Counter) -> None:
    citizen = counter.citizen()
    asked = await comes_to_the_papers(citizen)
    assert "bukan di percakapan ini" in asked
    async with aiohttp.ClientSession() as http:
        page = page_of(counter, link_in(asked), http)
        status, _, shown = await page.asks("GET")
        assert (status, shown.count("<li "), shown.count("Belum dikirim")) == (200, 2, 2)
        assert "Kartu Keluarga" in shown and "<script src='/f/form.js'>" in shown
        heard = len(citizen.everything)
        await page.sends_whole(pictures.jpeg(1), "surat_hilang")
        await settled(counter)
        assert {key: one["state"] for key, one in (await page.state()).items()} == {
            "surat_hilang": "received",
            "kk": "missing",
        }
        assert len(citizen.everything) == heard  # the page has said it
        await page.sends_whole(pictures.pdf(2), "kk")
        summary = await citizen.hears(containing="Mohon diperiksa")
        assert "Diterima: *KK*." in summary
        assert len(citizen.everything) == heard + 1
        status, _, shown = await page.asks("GET")
        assert status == 410 and "Mohon kembali ke percakapan" in shown
    await citizen.taps("KIRIM")
    number_in(await citizen.hears(containing="sudah diterima"))
    request = await Request.get()
    papers = {paper.slot: paper for paper in await Paper.filter(request_id=request.id)}
    assert (request.state, set(papers)) == (RequestState.SUBMITTED, {"surat_hilang", "kk"})


async def test_an_unreadable_photo_is_told_on_the_page_and_in_the_chat(counter: Counter) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:
        await page.sends_whole(bad_pictures.dark(1))
        told = await citizen.hears(containing="terlalu gelap")
        assert "di halaman yang sama" in told and "/f/" not in told
        await page.sends_whole(b"%PDF-1.4 nothing", "surat_hilang")
        await citizen.hears(containing="rusak atau terpotong")
        await settled(counter)
        state = await page.state()
        assert "terlalu gelap" in state["kk"]["text"] and state["kk"]["alert"]
        assert "rusak atau terpotong" in state["surat_hilang"]["text"]
        await page.sends_whole(pictures.jpeg(1))
        await settled(counter)
        assert (await page.state())["kk"]["state"] == "received"
        await page.sends_whole(pictures.jpeg(1), "surat_hilang")  # the same picture, for another paper
        await citizen.hears(containing="sama dengan yang sudah ada")
        await settled(counter)
        assert "sama dengan yang sudah ada" in (await page.state())["surat_hilang"]["text"]
    assert await Paper.all().count() == 1


async def test_whoever_has_finished_is_told_in_the_chat_what_is_missing(counter: Counter) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:
        await page.sends_whole(pictures.jpeg(1))
        assert await page.finishes() == 200
        asked = await citizen.hears(containing="1 dari 2")
        assert link_in(asked)
        assert (await page.asks("GET"))[0] == await page.finishes() == 410
        assert (await page.begins(100))[0] == 410


async def test_a_photo_sent_in_the_chat_all_the_same_is_taken_and_the_page_named(counter: Counter) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen)
    await citizen.sends_photo(pictures.jpeg(1))
    told = await citizen.hears(containing="1 dari 2")
    assert "Diterima: *Surat hilang polisi*." in told
    assert "lewat halaman resmi kami" in told and link_in(told)
    assert await Paper.all().count() == 1


async def test_a_plain_form_without_a_script_takes_one_file_at_a_time(counter: Counter) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:

        async def posts(content: bytes, slot: str = "kk") -> int:
            form = aiohttp.FormData({"slot": slot})
            form.add_field("file", content, filename="kk.jpg", content_type="image/jpeg")
            return (await page.asks("POST", data=form))[0]

        assert await posts(b"") == await posts(pictures.jpeg(1), "surat_nikah") == 422
        assert await posts(bytes(15 * 1024 * 1024 + 1)) == 413
        assert await Upload.all().count() == 0
        assert await posts(pictures.jpeg(1)) == 303
        await settled(counter)
        _, _, shown = await page.asks("GET")
        assert "data-slot='kk' data-state='received'" in shown


async def test_a_correction_is_sent_on_a_page_that_the_word_opens(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    async with opened(counter, citizen) as page:
        await page.sends_whole(pictures.jpeg(1), "surat_hilang")
        await page.sends_whole(pictures.jpeg(2))
        await citizen.hears(containing="Mohon diperiksa")
        await citizen.taps("KIRIM")
        await citizen.hears(containing="sudah diterima")
        await says(ani, "/ambil")
        await ani.says("/minta 1 kk Tulisannya terpotong.")
        notice = await citizen.hears(containing="perlu perbaikan")
        assert "balas *HALAMAN*" in notice and "lewat pesan ini" not in notice
        assert "balas *HALAMAN*" in await says(citizen, "status")
        asked = await says(citizen, "halaman")
        page.url = page_of(counter, link_in(asked), page.http).url
        _, _, shown = await page.asks("GET")
        assert shown.count("<li ") == 1 and "Sebabnya: Tulisannya terpotong." in shown
        assert (await page.begins(100, "surat_hilang"))[0] == 403  # nobody has asked for that one
        await page.sends_whole(pictures.jpeg(3))
        await citizen.hears(containing="Berkas pengganti")
        assert (await page.asks("GET"))[0] == 410
    assert (await Request.get()).state is RequestState.IN_REVIEW
    counted = Paper.filter(slot="kk").exclude(state=PaperState.REPLACED)
    assert await counted.count() == 1
    assert "Saat ini tidak ada berkas" in await says(citizen, "halaman")


async def test_papers_that_depend_on_a_condition_may_follow_or_not(counter: Counter) -> None:
    citizen = counter.citizen()
    asked = await comes_to_the_papers(citizen, "kia hilang")
    async with aiohttp.ClientSession() as http:
        page = page_of(counter, link_in(asked), http)
        _, _, shown = await page.asks("GET")
        assert "Hanya bila sesuai keadaan" in shown and "Bila KIA rusak, bukan hilang." in shown
        await page.sends_whole(pictures.jpeg(1), "surat_hilang")
        told = await citizen.hears(containing="1 dari 1")
        assert "tekan Selesai di halaman itu" in told and "/f/" not in told
        assert (await page.asks("GET"))[0] == 200
        await citizen.says("selesai")
        await citizen.hears(containing="Mohon diperiksa")


async def test_the_page_speaks_the_persons_language_also_when_it_is_dead(counter: Counter) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:
        await says(citizen, "english")
        await FormToken.all().update(expires_at=counter.clock())
        status, _, shown = await page.asks("GET")
        assert status == 410
        assert "no longer valid. Please go back to the chat" in shown


async def test_page_style_and_script_weigh_less_than_forty_kilobytes(counter: Counter) -> None:
    async with opened(counter, counter.citizen()) as page:
        base = page.url[: page.url.index("/f/")]
        parts = [await page.asks("GET", url) for url in (page.url, f"{base}/f/form.css", f"{base}/f/form.js")]
        assert [status for status, _, _ in parts] == [200] * 3
        assert sum(len(body.encode()) for _, _, body in parts) < 40_000
        assert "style=" not in parts[0][2] and "onclick" not in parts[0][2]


async def test_several_papers_that_come_at_once_each_find_their_slot(counter: Counter) -> None:
    citizen = counter.citizen()
    async with opened(counter, citizen) as page:
        one, other = await page.begins(40), await page.begins(50, "surat_hilang")
        assert one[0] == other[0] == 201
        await page.sends_whole(pictures.jpeg(5))
        await page.sends_whole(pictures.jpeg(6), "surat_hilang")
        await citizen.hears(containing="Mohon diperiksa")
    await said(counter)
    kept = {paper.slot: paper.scan_id for paper in await Paper.all()}
    sizes = {file.id: file.sent_sha256 for file in await StoredFile.all()}
    assert len({sizes[scan] for scan in kept.values()}) == len(kept) == 2
    assert [json.loads(one.parts) for one in await Upload.all()] == [[], []]
