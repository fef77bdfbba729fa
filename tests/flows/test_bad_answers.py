"""What people send by mistake, or on purpose, amid a request: one plain sentence, nothing lost."""

from models.files import FileState, StoredFile
from models.inbox import InboxEvent
from models.requests import JournalEntry, Paper, Request, RequestState
from office.number import RequestNumber
from tests.fakes import pictures
from tests.flows import doors
from tests.flows.counter import Counter
from tests.flows.steps import NIK, comes_to_the_nik, comes_to_the_papers, files_a_lost_card, says, settled
from tests.phone import Phone
from tests.web_phone import WebPhone

DOCX = b"PK\x03\x04" + b"\x14\x00" * 40 + b"[Content_Types].xml word/document.xml" + bytes(200)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def asked_of(citizen: Phone, *, containing: str = "") -> str:
    """The one message that came in this turn."""
    text = await citizen.hears(containing=containing)
    assert len(citizen.heard) == 1, citizen.heard
    return text


# ---------------------------------------------------------------------- instead of a paper


async def test_a_sticker_or_voice_note_instead_of_a_paper_gets_one_sentence_and_the_step_goes_on(
    counter: Counter,
) -> None:
    for citizen, nik in ((counter.citizen(), None), (doors.on_telegram(counter), NIK)):
        await comes_to_the_papers(citizen, nik=nik)
        assert await citizen.sends_sticker() == 200
        assert "Stiker tidak dapat dipakai" in await asked_of(citizen)
        assert await citizen.sends_voice() == 200
        assert "pesan suara tidak dapat kami dengar" in await asked_of(citizen)
        assert await citizen.sends_unknown() == 200
        assert "belum dapat kami baca" in await asked_of(citizen)
        await citizen.sends_photo(pictures.jpeg(1))
        assert "1 dari 2" in await asked_of(citizen)
    await settled(counter)
    assert await Paper.all().count() == 2


async def test_a_place_or_a_contact_card_instead_of_a_paper_gets_one_sentence(counter: Counter) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen)
    parts = {
        "location": {"latitude": -10.73, "longitude": 123.05, "name": "Ba'a", "address": "Jl. Pabean"},
        "contacts": [
            {"name": {"formatted_name": "Om Yus"}, "phones": [{"phone": "+62812", "wa_id": "62812"}]}
        ],
    }
    for kind, part in parts.items():
        said = doors.message(counter, "6281234567890", kind, part)
        assert await doors.whatsapp(counter, doors.written_by(counter, "6281234567890", said)) == 200
    await counter.core.lanes.settled()
    told = await citizen.hears(2, containing="tidak diperlukan")
    assert "Lokasi tidak diperlukan" in told
    assert "Kartu kontak tidak diperlukan" in told
    assert "Kartu Keluarga" in citizen.last  # the step again: what is still to come
    assert await Paper.all().count() == 0


async def test_bad_files_cost_one_sentence_each_and_the_good_papers_stay(counter: Counter) -> None:
    for citizen, nik in ((counter.citizen(), None), (doors.on_telegram(counter), NIK)):
        await comes_to_the_papers(citizen, nik=nik)
        files = [pictures.EMPTY, pictures.huge(), pictures.jpeg(1)]
        assert await citizen.sends_album(files) == [200] * 3
        told = await asked_of(citizen)
        assert "1 dari 2" in told
        assert "1 berkas kosong" in told
        assert "1 berkas terlalu besar (lebih dari 15 MB)" in told
        assert await citizen.sends_document(DOCX, "surat kehilangan.docx", WORD) == 200
        assert "1 berkas bukan foto atau PDF" in await asked_of(citizen)
        assert await citizen.sends_document(pictures.pdf(2), "kk.pdf") == 200
        assert "2 dari 2" in await asked_of(citizen)
    await settled(counter)
    assert await Paper.all().count() == 4
    problems = [file.problem for file in await StoredFile.filter(state=FileState.REFUSED)]
    assert sorted(str(problem) for problem in problems) == ["empty"] * 2 + ["too_big"] * 2


async def test_the_web_chat_refuses_what_is_too_large_or_empty_and_keeps_the_rest(counter: Counter) -> None:
    async with WebPhone(counter.url) as citizen:
        await comes_to_the_papers(citizen, nik=NIK)
        assert await citizen.sends_photo(pictures.huge()) == 413
        assert await citizen.sends_photo(pictures.EMPTY) == 400
        assert citizen.errors == ["too_big", "empty"]
        await citizen.sends_sticker()  # to a browser a picture like any other, and too small for a paper
        assert "terlalu kecil untuk dibaca" in await asked_of(citizen)
        await citizen.sends_document(DOCX, "surat.docx", WORD)
        assert "bukan foto atau PDF" in await asked_of(citizen)
        await citizen.sends_voice()
        assert "bukan foto atau PDF" in await asked_of(citizen)
        await citizen.sends_photo(pictures.jpeg(1))
        await citizen.hears(containing="1 dari 2")
    await settled(counter)


async def test_a_file_that_is_gone_is_asked_for_again(counter: Counter) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen)
    counter.graph.next_download("http404", "http404")
    await citizen.sends_photo(pictures.jpeg(1))
    assert "1 berkas tidak sampai kepada kami. Mohon kirim ulang." in await asked_of(citizen)
    await citizen.sends_photo(pictures.jpeg(1))
    assert "1 dari 2" in await asked_of(citizen)
    await settled(counter)
    assert len(counter.graph.downloads) == 3  # a link that died is renewed once, no storm


async def test_a_slow_file_keeps_nobody_else_waiting_and_arrives(counter: Counter) -> None:
    citizen, other = counter.citizen(), counter.citizen("Yakob", "6281200000001")
    await comes_to_the_papers(citizen)
    counter.graph.next_download("http500")  # asked for again after a second
    await citizen.sends_photo(pictures.jpeg(1))
    await says(other, "halo")
    assert citizen.heard == []
    assert "1 dari 2" in await asked_of(citizen)
    assert await Paper.all().count() == 1


# ---------------------------------------------------------------------- words that a step cannot use


async def test_a_village_that_is_none_and_a_kecamatan_are_told_apart(counter: Counter) -> None:
    citizen = counter.citizen()
    await comes_to_the_nik(citizen)
    await citizen.taps("Lewati")
    await citizen.hears(containing="desa/kelurahan")

    await citizen.says("Atlantis")
    assert "tidak ada desa atau kelurahan dengan nama itu di Kabupaten Rote Ndao" in await asked_of(citizen)
    await citizen.says("'; DROP TABLE requests; --")
    await asked_of(citizen)
    await citizen.says("Lobalain")
    assert "Lobalain adalah nama kecamatan" in await asked_of(citizen)
    assert (await Request.get()).village_code is None
    await says(citizen, "metina")
    await citizen.taps("Ya, benar")
    await citizen.hears(containing="mohon kirim foto")
    assert (await Request.get()).village_code is not None


async def test_very_long_words_are_kept_and_answered(counter: Counter) -> None:
    citizen = counter.citizen()
    assert "teruskan" in await says(citizen, "mau tanya " + "soal kartu keluarga " * 5_000)
    await settled(counter)
    event = await InboxEvent.get()
    assert len(event.facts["message"]["text"]["body"]) > 100_000


# ---------------------------------------------------------------------- other people's things


def loosely(number: str) -> str:
    """As people type it; letters alone would be a name, so there the hyphens stay."""
    return number.lower() if number.replace("-", "").isalpha() else number.lower().replace("-", " ")


async def test_someone_elses_number_is_as_unknown_as_one_that_never_was(counter: Counter) -> None:
    maria, yakob = counter.citizen(), counter.citizen("Yakob", "6281200000001")
    number = await files_a_lost_card(maria)
    never = str(RequestNumber.new())
    hers = await says(yakob, number)
    assert hers.replace(number, "…") == (await says(yakob, never)).replace(never, "…")
    assert await says(yakob, loosely(number)) == hers
    assert "Maria" not in hers
    assert number in await says(maria, number)


async def test_a_broken_post_of_the_web_chat_is_no_server_error(counter: Counter) -> None:
    async with WebPhone(counter.url) as citizen:
        for body, kind in (
            (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
            (b"--x\r\nContent-Transfer-Encoding: odd\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
            (b"--x\r\nContent-Encoding: odd\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
            (b"x", "multipart/form-data"),
            (b"[" * 60_000, "application/json"),
            (b'{"id": NaN}', "application/json"),
            (b"{}", "text/xml"),
            (b'{"id": "7", "text": "halo"}', "application/json; charset=nope"),
        ):
            post = citizen.http.post(
                f"{counter.url}/chat/messages", data=body, headers={"Content-Type": kind}
            )
            async with post as answer:
                assert answer.status == 400, (body[:20], kind)
        assert "layanan resmi" in await says(citizen, "halo")


async def test_old_buttons_do_nothing_twice(counter: Counter) -> None:
    citizen = counter.citizen()
    number = await files_a_lost_card(citizen)
    for title in ("KIRIM", "Ya, benar", "Lewati", "LANJUT", "KIRIM"):
        assert await citizen.taps(title, older=True) == 200
        assert number in await asked_of(citizen)
    await settled(counter)
    assert (await Request.get()).state is RequestState.SUBMITTED
    assert await Request.all().count() == 1
    assert await JournalEntry.filter(after=RequestState.SUBMITTED).count() == 1
