"""The first whole path: a citizen on WhatsApp, an operator on Telegram, from "halo" to a card in the hand."""

from models.requests import OutputState, Request, RequestOutput, RequestState
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import comes_to_the_papers, files_a_lost_card, number_in, says


async def test_a_lost_card_from_the_first_word_to_the_counter(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")

    await comes_to_the_papers(citizen)
    photos = [pictures.jpeg(1), pictures.jpeg(2)]
    await citizen.sends_photo(photos[0])
    assert "1 dari 2" in await citizen.hears()
    assert "KK" in citizen.last  # what is missing is named
    await citizen.sends_photo(photos[1])
    assert "2 dari 2" in await citizen.hears()
    await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    answer = await citizen.hears(containing="sudah diterima")
    number = number_in(answer)
    assert "24 November 2026 pukul 09.00 WITA" in answer
    assert number in await says(citizen, "status")

    assert "KTP-el hilang · Maria N. · Metina" in await says(ani, "/antrean")
    await ani.says("/ambil")
    assert number in await ani.hears(containing="Nama lengkap: Maria Ndun")
    papers = await ani.receives(2)
    for paper, photo in zip(papers, photos, strict=True):
        assert pictures.same(paper.media, photo)

    assert "1:" in await says(ani, "/lengkap 1")
    assert number in await citizen.hears(containing="lengkap")
    await says(ani, "/proses 1", "/tte 1", "/siap 1")
    ready = await citizen.hears(containing="siap diambil")
    assert "surat keterangan hilang asli" in ready
    await says(ani, f"/serah {number}")
    assert number in await citizen.hears(containing="sudah diserahkan")

    request = await Request.get()
    assert request.state is RequestState.CLOSED
    assert [output.state for output in await RequestOutput.all()] == [OutputState.COLLECTED]


async def test_after_25_hours_the_pickup_notice_goes_out_as_a_template(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/lengkap 1")
    await citizen.hears(containing="lengkap")

    counter.clock.advance(hours=25)
    await counter.wakes(ani)
    await says(ani, "/siap 1")
    text = await citizen.hears(containing="siap diambil")

    assert citizen.last_message.type == "template"
    assert citizen.last_message.template == "loket_ready_for_pickup"
    assert number in text
    await ani.says("/lihat 1")
    assert "siap diambil: terkirim" in await ani.hears(containing="Kabar kepada pemohon")


async def test_one_reminder_for_an_output_that_nobody_fetched(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/lengkap 1", "/siap 1")
    await citizen.hears(containing="siap diambil")

    await counter.time_passes(days=3, hours=1)
    await citizen.hears(containing="belum diambil")
    await counter.time_passes(hours=2)
    await counter.time_passes(days=1)
    await counter.wakes(ani)
    await says(ani, "/serah 1")
    await citizen.hears(containing="sudah diserahkan")

    assert len([text for text in citizen.everything if "belum diambil" in text]) == 1


async def test_one_paper_is_asked_again_and_only_that_one_is_answered(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/minta 1 KK fotonya buram")
    asked = await citizen.hears(containing="perlu perbaikan")
    assert "Kartu Keluarga (KK)" in asked
    assert "fotonya buram" in asked

    better = pictures.jpeg(9)
    await citizen.sends_photo(better)
    assert number in await citizen.hears(containing="pengganti")
    await ani.hears(containing="/lihat 1")
    await ani.says("/lihat 1")
    papers = await ani.receives(2)
    assert any(pictures.same(paper.media, better) for paper in papers)
    assert (await Request.get()).state is RequestState.IN_REVIEW
