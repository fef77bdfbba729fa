"""Rows 26 to 37: files, each sent where papers are asked for."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

from PIL import Image

from bot import headers
from bot.files import UNKNOWN_MIME
from bot.reading.table_reader import TableReader
from bot.reading.words import TableProblem, TableRefused
from models.files import FileState, StoredFile
from models.requests import Paper, Request
from models.staff import Role
from tests.bad_inputs import bad_archives
from tests.bad_inputs.row import row
from tests.bad_inputs.town import LONGEST, Town
from tests.fakes import pictures
from tests.fakes.clamd import EICAR
from tests.flows.steps import NIK, comes_to_the_papers, says, settled
from tests.flows.villages import read
from tests.handlers.counter import OELUA
from tests.phone import Phone
from tests.reading import bad_pdfs, bad_pictures
from tests.sealed import paper_of_office

NO_PAPER = "bukan foto atau PDF"
MALWARE = "ditemukan program berbahaya"
Made = Callable[[], bytes]


async def answers_to(phone: Phone, sent: dict[str, tuple[Made, str]], name: str = "berkas") -> None:
    """Each file gets its sentence in time."""
    for what, (make, words) in sent.items():
        content, begun = make(), time.monotonic()
        assert await phone.sends_document(content, name) == 200
        told = await phone.hears()
        assert time.monotonic() - begun < LONGEST, what
        assert words in told and len(phone.heard) == 1, (what, told)


async def with_papers(town: Town) -> Phone:
    """Somebody new who is asked for two papers."""
    citizen = town.on_telegram()
    await comes_to_the_papers(citizen, nik=NIK)
    return citizen


async def of_a_table(content: bytes) -> str:
    """What becomes of a file that is handed in as a table."""
    reader = TableReader()
    try:
        await reader.read(content)
    except TableRefused as refused:
        return refused.reason
    finally:
        await reader.close()
    return "read"


async def kept_last(town: Town) -> tuple[StoredFile, bytes]:
    file = await StoredFile.filter(state=FileState.STORED).order_by("-id").first()
    assert file is not None
    content = await paper_of_office(
        town.database_url, town.folder / "keys.json", town.folder / "papers", str(file.storage_key)
    )
    return file, content


@row(26, "a JPEG that is HTML, too", "drawn anew; given as an attachment, nosniff, in a sandbox")
async def polyglot(town: Town) -> None:
    async with town.in_a_browser() as browser:
        await comes_to_the_papers(browser, nik=NIK)
        await answers_to(browser, {"polyglot": (bad_pictures.polyglot, "1 dari 2")}, "foto.html")
        _, content = await kept_last(town)
        assert b"<script>" not in content and content.startswith(b"\xff\xd8\xff")
        await browser.sends_document(b"<script>alert(1)</script>", "x.jpg", "image/jpeg")
        await browser.hears(containing=NO_PAPER)
        shown = []
        for file in [file for line in (await browser.history())["lines"] for file in line["files"]]:
            async with browser.http.get(f"{town.url}/chat/files/{file['id']}") as answer:
                assert answer.headers["Content-Security-Policy"] == headers.FILE_POLICY
                assert "; sandbox;" in headers.FILE_POLICY
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                shown.append((answer.content_type, answer.headers["Content-Disposition"].split(";")[0]))
    assert sorted(shown) == [(UNKNOWN_MIME, "attachment"), ("image/jpeg", "attachment")]


@row(27, "SVG, EPS, PSD, TIFF called .jpg", "a photo or PDF, please")
async def no_photos(town: Town) -> None:
    makers = bad_pictures.svg, bad_pictures.eps, bad_pictures.psd, bad_pictures.tiff
    sent: dict[str, tuple[Made, str]] = {make.__name__: (make, NO_PAPER) for make in makers}
    await answers_to(await with_papers(town), sent, "foto.jpg")


@row(28, "a PNG of 20,000 x 20,000, one of 13,000 x 13,000 in 20 kB, one of 1 x 60,000",
     "refused by its header")  # fmt: skip
async def vast(town: Town) -> None:
    small = len(bad_pictures.png(13_000, 13_000))
    assert small < 30_000
    words = "dengan kamera biasa"
    await answers_to(
        await with_papers(town),
        {
            "20,000": (lambda: bad_pictures.png_that_claims(20_000, 20_000), words),
            "13,000": (lambda: bad_pictures.png(13_000, 13_000), words),
            "narrow": (lambda: bad_pictures.png(1, 60_000), words),
            "42 megapixels": (lambda: bad_pictures.png(7_000, 6_000), words),
        },
    )


@row(29, "a GIF that moves, a WebP of 500 frames", "the first frame, or refused")
async def moving(town: Town) -> None:
    await answers_to(
        await with_papers(town),
        {"gif": (pictures.gif, NO_PAPER), "webp": (lambda: bad_pictures.moving_webp(500), "1 dari 2")},
    )
    file, content = await kept_last(town)
    assert file.mime == "image/jpeg" and Image.open(io.BytesIO(content)).size == (640, 480)


@row(30, "half a JPEG, nothing, all black, 80 x 50", "send it again, and why")
async def unreadable(town: Town) -> None:
    await answers_to(
        await with_papers(town),
        {
            "half": (pictures.truncated, "rusak atau terpotong"),
            "nothing": (lambda: b"", "berkas kosong"),
            "no rows": (lambda: bad_pictures.png_that_claims(800, 600), "rusak atau terpotong"),
            "black": (bad_pictures.black, "terlalu gelap"),
            "small": (bad_pictures.tiny, "terlalu kecil"),
            "too big": (pictures.huge, "lebih dari 15 MB"),
        },
    )


@row(31, "HEIC, also with ten pictures in it", "a JPEG of the first")
async def heic(town: Town) -> None:
    await answers_to(
        await with_papers(town),
        {
            "cut": (lambda: bad_pictures.HEIC[:900], "rusak atau terpotong"),
            "ten": (lambda: bad_pictures.HEIC, "1 dari 2"),
        },
    )
    _, content = await kept_last(town)
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("JPEG", (640, 480))
    assert picture.getpixel((320, 440)) > (150, 180, 200)  # the card, and none of the nine plain ones


@row(32, "where and by what it was taken, a thumbnail of something else", "gone")
async def telling(town: Town) -> None:
    await answers_to(await with_papers(town), {"jpeg": (bad_pictures.tells_all, "1 dari 2")})
    _, content = await kept_last(town)
    assert not Image.open(io.BytesIO(content)).getexif()
    for secret in (b"Exif", bad_pictures.SERIAL, bad_pictures.MAKER, bad_pictures.REMARK):
        assert secret not in content
    assert content.count(b"\xff\xd8\xff") == 1  # and no picture within the picture


@row(33, "a PDF that is locked, runs a script, opens an address, starts a program, carries a file, is a form",
     "refused with what to do; what is taken is drawn")  # fmt: skip
async def pdfs_that_do_things(town: Town) -> None:
    citizen = await with_papers(town)
    active = (
        bad_pdfs.runs_script,
        bad_pdfs.runs_script_by_name,
        bad_pdfs.hides_the_name,
        bad_pdfs.packs_the_script,
        bad_pdfs.opens_an_address,
        bad_pdfs.starts_a_program,
        bad_pdfs.carries_a_file,
        bad_pdfs.is_a_program_form,
    )
    sent: dict[str, tuple[Made, str]] = {make.__name__: (make, "berisi program") for make in active}
    await answers_to(citizen, sent | {"locked": (bad_pdfs.locked, "terkunci dengan kata sandi")})
    await answers_to(citizen, {"harmless": (bad_pdfs.begins_at_a_page, "1 dari 2")})
    file, content = await kept_last(town)
    assert (file.mime, content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


@row(34, "a PDF of 500 pages, one of 300 MB in 292 kB, one whose tables turn in circles",
     "its child ends, and it is refused")  # fmt: skip
async def endless_pdfs(town: Town) -> None:
    bomb = bad_pdfs.bomb()
    assert len(bomb) < 293_000
    await answers_to(
        await with_papers(town),
        {
            "500 pages": (bad_pdfs.five_hundred_pages, "lebih dari 10 halaman"),
            "circles": (bad_pdfs.loops, "rusak atau terpotong"),
            "300 MB": (lambda: bomb, "terlalu berat"),
            "after it": (lambda: pictures.jpeg(1), "1 dari 2"),
        },
    )


@row(35, "XLSX and ZIP: bombs, paths, links, macros, entities",
     "no paper: kept as it came, unopened; as a table refused with its reason, unopened")  # fmt: skip
async def archives(town: Town) -> None:
    phone = await with_papers(town)
    for name, content in bad_archives.archives().items():
        begun = time.monotonic()
        assert await phone.sends_document(content, name) == 200
        assert NO_PAPER in await phone.hears(), name
        assert time.monotonic() - begun < LONGEST
        file, kept = await kept_last(town)
        assert (kept, file.size, file.verdict) == (content, len(content), None), name
    assert {name: await of_a_table(content) for name, content in bad_archives.archives().items()} == {
        "desa.xlsx": "read",
        "bom.zip": TableProblem.BOMB,
        "bom.xlsx": "read",  # what lies beside the sheets is not unpacked
        "banyak.zip": TableProblem.BOMB,
        "jalan.zip": TableProblem.BOMB,
        "pintas.zip": TableProblem.BOMB,
        "makro.docm": TableProblem.MACROS,
        "luar.xlsx": TableProblem.EXTERNAL_LINKS,
        "entitas.xlsx": TableProblem.BOMB,
        "rumus.xlsx": "read",  # the sheet with it is not the first, and none is worked out
    }
    assert not [path for path in town.folder.parent.rglob("*") if path.name in ("lolos.txt", "pintas")]
    assert not await Paper.filter(scan__verdict=None).exists()


@row(36, "EICAR's test file, bare and as a JPEG's tail",
     "refused where a scanner looks; where none does it is no photo, and never shown")  # fmt: skip
async def eicar(town: Town) -> None:
    """Nothing keeps a tail that was drawn anew."""
    ani = await town.at_the_desk()
    citizen = await with_papers(town)
    bare, tail = (lambda: EICAR), (lambda: pictures.jpeg(5) + EICAR)
    await answers_to(citizen, {"bare": (bare, MALWARE), "tail": (tail, MALWARE)})
    refused = await StoredFile.all().order_by("-id").limit(2)
    assert {(one.state, one.problem, one.storage_key) for one in refused} == {
        (FileState.REFUSED, "malware", None)
    }
    town.clamd.manner = "fails"
    zipped = bad_archives.zipped({"eicar.com": EICAR})
    await answers_to(
        citizen,
        {"bare": (bare, NO_PAPER), "zipped": (lambda: zipped, NO_PAPER), "tail": (tail, "1 dari 2")},
    )
    await citizen.sends_photo(pictures.jpeg(6))
    await citizen.hears(containing="2 dari 2")
    town.clamd.manner = "answers"
    await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    await citizen.hears(containing="sudah diterima")
    await settled(town)
    queue = (await Request.exclude(queue_number=None).order_by("-id").first()).queue_number
    await ani.says(f"/ambil {queue}")
    for file in await ani.receives(2):
        assert EICAR not in (file.media or b"") and (file.media or b"").startswith(b"\xff\xd8\xff")
    assert all(EICAR not in (one.media or b"") for one in town.telegram.ledger.lines if one.shown)


@row(
    37,
    "a batch of 10,001 rows, mixed columns, a NIK twice, another village's area",
    "the whole is checked first; a report row by row; none or all by choice",
)
async def batches(town: Town) -> None:
    head = await town.at_the_desk(Role.VILLAGE_HEAD, OELUA)
    before = await Request.all().count()

    async def told(content: bytes, name: str, *, within: str) -> str:
        await head.sends_document(content, name, "text/csv")
        await head.hears()
        await town.reads_lists()
        return await head.hears(containing=within)

    too_many = "\n".join(["layanan,nik,nama", *(f"KTP hilang,{NIK},Maria" for _ in range(10_001))]).encode()
    assert "berisi 10.001 baris, sedangkan satu daftar paling banyak 10.000" in await told(
        too_many, "desa.csv", within="belum dapat"
    )
    assert "Kolom ini tidak ada: layanan, nik." in await told(b"nama\nMaria\n", "d.csv", within="belum dapat")
    damaged = "layanan;nama;nik\n" + "".join(f"KTP hilang;Maria;53140155069000{n}0\n" for n in range(4))
    assert "Kolom NIK rusak" in await told(damaged.encode(), "desa.csv", within="belum dapat")
    for harmful in (bad_archives.spreadsheet(((b"xl/vbaProject.bin".decode(), b"x"),)), b"\x00\x01" * 99):
        assert "Mohon" in await told(harmful, "desa.xlsx", within="belum dapat diterima")
    mixed = [
        "Desa;No. HP;NIK;Nama Lengkap;Jenis Layanan",
        *(f"Oelua;08;{NIK[:-2]}{n};Maria Ndun;KTP hilang" for n in (11, 12, 11)),
        f"Metina;08;{NIK[:-2]}13;Petrus Ndun;KTP hilang",
    ]
    said = await told("\n".join(mixed).encode(), "desa.csv", within="sudah diperiksa: 4 baris")
    assert "Baik: 2 · Perlu dilihat: 0 · Ditolak: 2" in said
    assert "– baris 4: NIK dan layanan sama dengan baris 2\n– baris 5: bukan desa/kelurahan" in said
    await head.taps("RINCIAN")
    (report,) = await head.receives()
    outcomes = [row[3] for row in read(report.media)]
    assert outcomes == ["Hasil", "baik", "baik", "ditolak", "ditolak"]
    await head.taps("BATAL", older=True)
    await head.hears()
    await town.time_passes(seconds=15)
    assert await Request.all().count() == before  # none …
    await told("\n".join(mixed).encode(), "desa.csv", within="sudah diperiksa: 4 baris")
    for _ in range(2):
        await head.taps("MASUKKAN 2", older=True)
        await head.hears()
    for _ in range(2):
        await town.time_passes(seconds=15)
    await head.hears(containing="2 warga diterima, 0 di antaranya perlu dilihat, 2 ditolak")
    assert await Request.all().count() == before + 2  # … or all that are good, once
