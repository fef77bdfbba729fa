"""Other languages, other people, other days, other channels: the same request all the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from models.requests import Request, RequestState
from tests.fakes import pictures
from tests.flows import doors
from tests.flows.counter import Counter
from tests.flows.steps import NIK, comes_to_the_papers, files_a_lost_card, number_in, says
from tests.phone import Phone
from tests.web_phone import WebPhone


@asynccontextmanager
async def somebody_on(channel: str, counter: Counter) -> AsyncIterator[Phone]:
    """A citizen on a channel that asks for the NIK in the chat."""
    if channel == "telegram":
        yield doors.on_telegram(counter)
        return
    async with WebPhone(counter.url) as citizen:
        yield citizen


async def test_a_request_is_filed_in_english(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await says(citizen, "halo")
    assert "we speak English from now on" in await says(citizen, "bahasa")
    await says(citizen, "menu")
    assert "free" in citizen.last.lower()
    await citizen.says("ktp hilang")
    await citizen.hears(containing="CONTINUE")
    await citizen.taps("CONTINUE")
    await citizen.hears(containing="Who is this request for?")
    await citizen.taps("Myself")
    await citizen.hears(containing="full name")
    await says(citizen, "Maria Ndun")
    await citizen.taps("Skip")
    await citizen.hears(containing="Busalangga")
    assert "Is that right?" in await says(citizen, "metina")
    await citizen.taps("Yes, right")
    await citizen.hears()
    await citizen.sends_album([pictures.jpeg(1), pictures.jpeg(2)])
    await citizen.hears(containing="2 of 2")
    await says(citizen, "done")
    await citizen.taps("SEND")
    number = number_in(await citizen.hears())
    assert "sudah diterima" not in citizen.last

    await ani.says("/antrean")
    await ani.hears(containing="KTP-el hilang")  # staff go on in their own language
    await ani.says("/ambil")
    await ani.hears(containing=number)
    await says(ani, "/minta 1 KK fotonya buram")
    asked = await citizen.hears(containing="Family card")
    assert number in asked
    assert "perlu perbaikan" not in asked
    assert "perbaikan" not in await says(citizen, "status")
    assert "bahasa Indonesia" in await says(citizen, "language")
    assert "perlu perbaikan" in await says(citizen, "status")


async def test_one_phone_serves_a_family(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    own = await files_a_lost_card(citizen)
    await says(citizen, "halo")
    await citizen.says("ktp hilang")
    await citizen.hears(containing="LANJUT")
    await says(citizen, "lanjut")
    await citizen.taps("Anggota keluarga")
    await citizen.hears(containing="bagi Bapak/Ibu, adalah")
    await citizen.taps("Suami/istri")
    assert "orang yang dokumennya diurus" in await citizen.hears(containing="nama lengkap")
    await says(citizen, "Yusuf Ndun")
    await citizen.taps("Lewati")
    await citizen.hears(containing="desa/kelurahan")
    await says(citizen, "metina")
    await citizen.taps("Ya, benar")
    await citizen.hears(containing="mohon kirim foto")
    await citizen.sends_album([pictures.jpeg(3), pictures.jpeg(4)])
    await citizen.hears(containing="2 dari 2")
    assert "Suami/istri" in await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    theirs = number_in(await citizen.hears(containing="sudah diterima"))
    assert theirs != own

    both = await says(citizen, "status")
    assert own in both
    assert theirs in both
    [husband] = [one for one in await Request.all() if one.subject_name == "Yusuf Ndun"]
    assert (husband.for_self, husband.relation) == (False, "suami/istri")
    listed = await says(ani, "/antrean")
    assert "Maria N." in listed
    assert "Yusuf N." in listed


async def test_a_form_that_was_left_is_taken_up_days_later_where_it_stood(counter: Counter) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen)
    await citizen.sends_photo(pictures.jpeg(1))
    await citizen.hears(containing="1 dari 2")
    assert "draf" in await says(citizen, "batal")
    assert "Tidak ada formulir" in await says(citizen, "batal")

    counter.clock.advance(days=4)
    assert "berkas 2 dari 2" in await says(citizen, "mulai")
    await citizen.taps("Lanjutkan")
    assert "1 dari 2" in await citizen.hears()
    await citizen.sends_photo(pictures.jpeg(2))
    await citizen.hears(containing="2 dari 2")
    await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    await citizen.hears(containing="sudah diterima")
    assert await Request.all().count() == 1


async def test_asking_for_the_status_does_not_leave_a_form(counter: Counter) -> None:
    citizen = counter.citizen()
    number = await files_a_lost_card(citizen)
    await says(citizen, "halo")
    await citizen.says("kk baru")
    await citizen.hears(containing="LANJUT")
    await says(citizen, "lanjut")
    for asked in ("status", number):
        answer = await says(citizen, asked)
        assert number in answer
        assert "untuk siapa" in answer  # and the step again, in the same message
        assert len(citizen.heard) == 1
    await citizen.taps("Anggota keluarga")
    await citizen.hears(containing="bagi Bapak/Ibu, adalah")


async def test_words_amid_a_form_reach_a_person_and_the_answer_comes_back(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await comes_to_the_papers(citizen)
    await citizen.sends_photo(pictures.jpeg(1))
    await citizen.hears(containing="1 dari 2")
    told = await says(citizen, "Bolehkah surat dari desa tetangga dipakai?")
    assert "teruskan ke petugas (T1)" in told
    assert "Yang belum ada" in told  # the form goes on where it stood

    await ani.says("/tanya")
    await ani.hears(containing="Bolehkah surat dari desa tetangga dipakai?")
    await ani.says("/jawab T1 Boleh, asal ada cap desa.")
    await ani.hears(containing="T1: jawaban masuk antrean kirim")
    assert "Boleh, asal ada cap desa." in await citizen.hears(containing="Jawaban petugas")
    await ani.says("/tanya")
    await ani.hears(containing="Tidak ada pertanyaan")
    await ani.says("/jawab T1 lagi")
    await ani.hears(containing="sudah dijawab")
    await citizen.sends_photo(pictures.jpeg(2))
    await citizen.hears(containing="2 dari 2")


@pytest.mark.parametrize("channel", ["telegram", "webchat"])
async def test_where_the_platform_allows_it_the_nik_is_asked_in_the_chat(
    counter: Counter, channel: str
) -> None:
    ani = await counter.operator("Ani")
    async with somebody_on(channel, counter) as citizen:
        number = await files_a_lost_card(citizen, nik=NIK)
        request = await Request.get()
        assert (request.nik, request.nik_source, request.channel) == (NIK, "chat", channel)
        assert not any(NIK in text for text in citizen.everything)
        await says(ani, "/ambil", "/lengkap 1", "/siap 1")
        assert number in await citizen.hears(containing="siap diambil")
        await says(ani, f"/serah {number}")
        await citizen.hears(containing="sudah diserahkan")
    assert (await Request.get()).state is RequestState.CLOSED
