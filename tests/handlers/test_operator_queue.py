import asyncio
from datetime import timedelta

from models.requests import Request, RequestState
from models.staff import Role
from office import questions
from tests.handlers.counter import ACCOUNT, BEYOND_THE_ROLE, CHANNEL, OELUA, Counter


async def test_the_queue_shows_the_oldest_first_with_what_one_needs(counter: Counter) -> None:
    await counter.request(name="Maria Adoe")
    await counter.request(name="Yos Lapebesi", service="AKTA_LAHIR", home=OELUA)
    ani = await counter.operator()
    counter.now += timedelta(days=3)
    await counter.comes_back(ani, "Ani")
    await ani.says("/ambil 2")
    await ani.says("/antrean")
    head, first, second, *rest = ani.heard.split("\n")
    assert head == "<b>Antrean: 2</b>, yang paling lama di atas"
    assert first == "<b>1</b> · KTP-el hilang · Maria A. · Metina · 3 hari · diterima · belum diambil"
    assert second == "<b>2</b> · Akta kelahiran · Yos L. · Oelua · 3 hari · diperiksa · Ani"
    assert rest == ["", "Semua: diterima 1 · diperiksa 1", "Tidak ada pertanyaan warga yang menunggu."]


NARROWED: tuple[tuple[str, list[str]], ...] = (
    ("/antrean", ["1", "2", "3"]),
    ("/antrian", ["1", "2", "3"]),
    ("/antrean ktp hilang", ["1", "3"]),
    ("/antrean KTP_HILANG", ["1", "3"]),
    ("/antrean ktp", ["1", "3"]),
    ("/antrean ktp oelua", ["3"]),
    ("/antrean kk", []),
    ("/antrean oelua", ["2", "3"]),
    ("/antrean desa Oelua", ["2", "3"]),
    ("/antrean ktp hilang Oelua", ["3"]),
    ("/antrean  oelua   KTP hilang", ["3"]),
    ("/antrean kec. Loaholu", ["2", "3"]),
    ("/antrean kia hilang", []),
)


async def test_the_queue_is_narrowed_by_service_and_place(counter: Counter) -> None:
    await counter.request()
    await counter.request(service="AKTA_LAHIR", home=OELUA)
    await counter.request(home=OELUA)
    ani = await counter.operator()
    for typed, numbers in NARROWED:
        await ani.says(typed)
        lines = [line for line in ani.heard.split("\n") if line.startswith("<b>") and " · " in line]
        assert [line.split(" · ")[0].strip("</b>") for line in lines] == numbers, typed


async def test_a_filter_nobody_knows_is_said_so(counter: Counter) -> None:
    ani = await counter.operator()
    await ani.says("/antrean paspor <Jakarta>")
    assert ani.heard.startswith("“paspor &lt;Jakarta&gt;” bukan nama layanan, desa, atau kecamatan.")


async def test_a_long_queue_is_cut_and_counted(counter: Counter) -> None:
    await counter.requests(22)
    ani = await counter.operator()
    await ani.says("/antrean")
    assert ani.heard.count("belum diambil") == 20
    assert "… dan 2 lagi." in ani.heard
    assert "Semua: diterima 22" in ani.heard


async def test_taking_gives_the_oldest_with_its_facts_and_papers(counter: Counter) -> None:
    first = await counter.request(name="Maria Adoe")
    await counter.request()
    ani = await counter.operator()
    await ani.says("/ambil")
    assert ani.heard.startswith("<b>1</b> · KTP-el hilang · diperiksa · Ani\n")
    assert "Nama lengkap: <code>Maria Adoe</code>" in ani.heard
    assert [(kind, caption) for kind, _, caption in ani.scans] == [
        ("photo", "1 · 1/2 · Surat keterangan hilang KTP-el dari kepolisian"),
        ("photo", "1 · 2/2 · Kartu Keluarga (KK)"),
    ]
    assert (await Request.get(id=first.id)).state is RequestState.IN_REVIEW


async def test_writing_again_moves_nobody(counter: Counter) -> None:
    citizen = await counter.person()
    await counter.request(citizen)
    await counter.request()
    counter.now += timedelta(hours=1)
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Sudah sampai mana?", counter.now)
    ani = await counter.operator()
    await ani.says("/ambil")
    assert ani.heard.startswith("<b>1</b>")


async def test_taking_a_number_takes_that_one(counter: Counter) -> None:
    await counter.requests(3)
    ani = await counter.operator()
    await ani.says("/ambil 3")
    assert ani.heard.startswith("<b>3</b>")


async def test_the_loser_of_a_request_is_told_who_has_it(counter: Counter) -> None:
    await counter.request()
    ani, budi = await counter.operator("Ani"), await counter.operator("Budi")
    await ani.says("/ambil 1")
    await budi.says("/ambil 1")
    assert budi.heard == "Antrean 1 sudah diambil <b>Ani</b>. Ambil yang lain: /ambil"
    assert budi.scans == []


async def test_two_operators_race_for_one_number(counter: Counter) -> None:
    request = await counter.request()
    people = [await counter.operator(name) for name in ("Ani", "Budi", "Citra")]
    await asyncio.gather(*(person.says("/ambil 1") for person in people))
    owner = (await Request.get(id=request.id).select_related("owner")).owner
    assert owner is not None
    winners = [person for person in people if person.heard.startswith("<b>1</b> · KTP-el hilang · diperiksa")]
    losers = [person for person in people if f"sudah diambil <b>{owner.name}</b>" in person.heard]
    assert (len(winners), len(losers)) == (1, 2)


async def test_racing_for_the_oldest_gives_each_another(counter: Counter) -> None:
    await counter.requests(3)
    people = [await counter.operator(name) for name in ("Ani", "Budi", "Citra")]
    await asyncio.gather(*(person.says("/ambil") for person in people))
    assert sorted(person.heard.split(" ")[0] for person in people) == ["<b>1</b>", "<b>2</b>", "<b>3</b>"]


async def test_nothing_to_take_is_said(counter: Counter) -> None:
    ani = await counter.operator()
    await ani.says("/ambil")
    assert ani.heard == "Tidak ada permohonan yang menunggu diambil. Lihat /antrean."
    await ani.says("/ambil 9")
    assert ani.heard == "Nomor antrean 9 tidak ada. Lihat /antrean."


async def test_what_cannot_be_read_changes_nothing(counter: Counter) -> None:
    request = await counter.request()
    ani = await counter.operator()
    for typed in ("/ambil satu", "/ambil 1 2", "/lepas", "/lepas semua"):
        await ani.says(typed)
        assert ani.heard.startswith("Perintah ini belum terbaca, jadi tidak ada yang berubah. Contoh: /"), (
            typed
        )
    assert (await Request.get(id=request.id)).owner_id is None


async def test_giving_back_keeps_the_place(counter: Counter) -> None:
    await counter.requests(2)
    ani, budi = await counter.operator("Ani"), await counter.operator("Budi")
    await ani.says("/ambil")
    await budi.says("/lepas 1")
    assert budi.heard == "Antrean 1 dikerjakan <b>Ani</b>. Minta Ani melepasnya dahulu dengan /lepas."
    await ani.says("/lepas 1 2")
    assert ani.heard.split("\n") == [
        "<b>1</b>: kembali ke antrean, urutannya tetap.",
        "<b>Tidak berubah:</b>",
        "Antrean 2 belum diambil siapa pun. Ambil dahulu: /ambil 2",
    ]
    await budi.says("/ambil")
    assert budi.heard.startswith("<b>1</b>")


async def test_an_auditor_sees_no_queue_and_takes_nothing(counter: Counter) -> None:
    request = await counter.request()
    eva, _ = await counter.colleague("Eva", Role.AUDITOR)
    for typed in ("/antrean", "/ambil"):
        await eva.says(typed)
        assert eva.heard == BEYOND_THE_ROLE
    assert (await Request.get(id=request.id)).owner_id is None


async def test_an_english_operator_reads_english(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator("Ani", language="en")
    counter.now += timedelta(hours=2)
    await ani.says("/antrean lost e-id card")
    assert "<b>Queue: 1</b>, oldest first" in ani.heard
    assert "Lost e-ID card · Maria A. · Metina · 2 hours" in ani.heard
