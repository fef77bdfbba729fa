from datetime import timedelta

from models.outbox import OutboxMessage, OutboxState, Receipt
from models.requests import JournalEntry, Request
from office import questions
from tests.handlers.counter import ACCOUNT, CHANNEL, OELUA, Counter

NIK = "5314035708900003"


async def test_the_facts_stand_in_siaks_order_and_the_nik_is_masked(counter: Counter) -> None:
    request = await counter.request(name="Yos Lapebesi", home=OELUA, nik=NIK)
    ani = await counter.operator()
    await ani.says("/lihat 1")
    head, facts, *_ = ani.heard.split("\n\n")
    assert head.split("\n")[0] == "<b>1</b> · KTP-el hilang · diterima · belum diambil"
    assert head.split("\n")[1].startswith("Diterima 24 November 2026 pukul 10.00 WITA (")
    assert facts.split("\n") == [
        "NIK: <code>••••••••••••0003</code>",
        "Nama lengkap: <code>Yos Lapebesi</code>",
        "Desa/kelurahan: <code>Desa Oelua</code>",
        "Kecamatan: <code>Loaholu</code>",
        "Layanan: <code>KTP-el hilang</code>",
        f"Nomor permohonan: <code>{request.number[:4]}-{request.number[4:8]}-{request.number[8]}</code>",
        "Diajukan untuk: <code>diri sendiri</code>",
    ]
    assert NIK not in "".join(ani.texts)


async def test_pictures_come_as_photos_and_everything_else_as_documents(counter: Counter) -> None:
    await counter.request(scans={"surat_hilang": "application/pdf", "kk": "image/heic"})
    ani = await counter.operator()
    await ani.says("/lihat 1")
    assert [kind for kind, _, _ in ani.scans] == ["document", "document"]
    assert [caption for _, _, caption in ani.scans] == [
        "1 · 1/2 · Surat keterangan hilang KTP-el dari kepolisian",
        "1 · 2/2 · Kartu Keluarga (KK)",
    ]


async def test_the_journal_says_who_did_what_and_the_last_lines_are_enough(counter: Counter) -> None:
    citizen = await counter.person()
    await counter.request(citizen)
    ani = await counter.operator("Ani")
    await ani.says("/ambil 1")
    await ani.says("/tunda 1 lain listrik padam")
    await ani.says("/lihat 1")
    journal = next(part for part in ani.heard.split("\n\n") if part.startswith("<b>Riwayat</b>"))
    assert journal.split("\n")[-3:] == [
        "24 Nov 10.00 diajukan → diterima · pemohon",
        "24 Nov 10.00 diambil petugas → diperiksa · Ani",
        "24 Nov 10.00 ditunda alasan lain → tertunda · Ani",
    ]
    for _ in range(12):
        await ani.says("/catat 1 masih padam")
    await ani.says("/lihat 1")
    assert ani.heard.count("24 Nov 10.00 catatan") == 10
    assert ani.heard.count("Ani: masih padam") == 10
    assert "Tertunda: alasan lain\nAlasan: listrik padam" in ani.heard


async def test_the_journal_names_the_paper_that_was_asked_for(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator("Ani")
    await ani.says("/ambil 1")
    await ani.says("/minta 1 KK fotonya buram")
    await ani.says("/lihat 1")
    assert "berkas masuk KK · pemohon" in ani.heard
    assert "berkas diminta lagi KK: fotonya buram → perlu perbaikan · Ani" in ani.heard


async def test_each_notice_shows_what_became_of_it(counter: Counter) -> None:
    citizen = await counter.person()
    await counter.request(citizen)
    ani = await counter.operator()
    await ani.says("/ambil 1")
    await ani.says("/lengkap 1")
    await ani.says("/lihat 1")
    assert "berkas lengkap: <b>antre</b>" in ani.heard
    row = OutboxMessage.filter(contact_id=citizen.contact.id, name="complete")
    for state, receipt, word in [
        (OutboxState.SENT, Receipt.NONE, "terkirim"),
        (OutboxState.SENT, Receipt.ARRIVED, "sampai"),
        (OutboxState.SENT, Receipt.SEEN, "dibaca"),
        (OutboxState.FAILED, Receipt.NONE, "gagal"),
        (OutboxState.UNKNOWN, Receipt.NONE, "tidak diketahui"),
    ]:
        await row.update(state=state, receipt=receipt)
        await ani.says("/lihat 1")
        assert f"berkas lengkap: <b>{word}</b>" in ani.heard


async def test_names_and_questions_cannot_become_markup(counter: Counter) -> None:
    citizen = await counter.person()
    request = await counter.request(citizen)
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "<b>Kapan</b> {number}?", counter.now, request)
    ani = await counter.operator()
    await ani.says("/lihat 1")
    assert "<b>T1</b> (24 Nov 10.00): &lt;b&gt;Kapan&lt;/b&gt; {number}?" in ani.heard


async def test_no_such_number(counter: Counter) -> None:
    ani = await counter.operator()
    await ani.says("/lihat 7")
    assert ani.heard == "Nomor antrean 7 tidak ada. Lihat /antrean."


async def test_the_owner_sees_the_whole_nik_once_and_the_journal_says_so(counter: Counter) -> None:
    await counter.request(nik=NIK)
    ani = await counter.operator()
    await ani.says("/nik 1")
    assert ani.heard == "Antrean 1 belum diambil siapa pun. Ambil dahulu: /ambil 1"
    await ani.says("/ambil 1")
    await ani.says("/nik 1")
    assert ani.heard == f"<b>1</b>: NIK {NIK}. Di riwayat tercatat siapa yang melihatnya."
    entry = await JournalEntry.get(action="nik_shown")
    assert (entry.actor[:6], entry.detail) == ("staff:", "{}")


async def test_a_nik_read_from_a_paper_is_kept(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator()
    await ani.says("/ambil 1")
    await ani.says("/nik 1")
    assert ani.heard.startswith("NIK untuk antrean 1 belum ada.")
    await ani.says("/nik 1 531403570890000")
    assert ani.heard.startswith("Yang diketik berisi 15 angka")
    await ani.says("/nik 1 5314 0357 0890 0003")
    assert ani.heard == "<b>1</b>: NIK ••••••••••••0003 disimpan."
    kept = await Request.get(queue_number=1)
    assert (kept.nik, kept.nik_source) == (NIK, "operator")
    await ani.says("/nik 1 9999999999990000")
    assert ani.heard.split("\n")[1].startswith("Mohon periksa sekali lagi: kode kecamatan tidak dikenal")


async def test_how_long_it_has_waited(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator()
    for passed, words in [
        (timedelta(minutes=5), "5 menit"),
        (timedelta(hours=3), "3 jam"),
        (timedelta(days=2), "2 hari"),
    ]:
        start = counter.now
        counter.now += passed
        await counter.comes_back(ani, "Ani")
        await ani.says("/lihat 1")
        assert f"({words})" in ani.heard
        counter.now = start
