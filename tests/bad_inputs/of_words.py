"""Rows 15 to 25, 38 and 59: words, names and file names, on whatever channel."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import uuid
import zipfile
from pathlib import PurePath
from urllib.parse import urlsplit

import aiohttp

from bot import sheets
from bot.reading.table_reader import TableReader
from models.contacts import Contact
from models.files import StoredFile
from models.outbox import OutboxMessage
from models.requests import Question, Request
from office.identity import Decision, judge_nik
from office.questions import LONGEST as LONGEST_QUESTION
from tests.bad_inputs.row import row
from tests.bad_inputs.town import Town
from tests.fakes import pictures
from tests.flows import doors
from tests.flows.steps import NIK, comes_to_the_nik, files_a_lost_card, says, settled
from tests.phone import Phone

RTL, ZERO_WIDTH, CYRILLIC = "\u202e", "\u200b", "\u0430"  # the last looks like an a
SCRIPTS = (
    "<script>alert(1)</script>",
    "\" onerror='x'",
    "{{7*7}}",
    "${7*7}",
    "{0.__class__}",
    "%(x)s",
    "<b>tebal",
)
FORMULAS = ('=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
NAMES = (
    "../../etc/cron.d/x", "..\\..\\x", "C:\\Windows\\x.pdf", "con", ".htaccess", "a" * 300 + ".pdf",
    'surat"; filename=x.html', "surat\r\nX-Evil: 1.pdf", "surat\x00.pdf", f"surat{RTL}fdp.exe",
)  # fmt: skip


async def rows_of(table: bytes) -> list[list[str]]:
    """As the reader of tables gives them; a number is none of them."""
    reader = TableReader()
    try:
        rows = (await reader.read(table)).rows
    finally:
        await reader.close()
    assert not any(cell.is_number for one in rows for cell in one.cells)
    return [[cell.text for cell in one.cells] for one in rows]


async def last_question() -> Question:
    asked = await Question.all().order_by("-id").first()
    assert asked is not None
    return asked


async def name_of_last() -> str | None:
    met = await Contact.all().order_by("-id").first()
    assert met is not None
    return met.name


@row(15, "a text of 100,000 characters, an empty one, emoji alone, a sticker, a voice note",
     "cut at 4,096 where it is kept; one polite sentence")  # fmt: skip
async def too_long_or_nothing(town: Town) -> None:
    long = "mau tanya " + "soal kartu keluarga " * 5_000
    async with town.in_a_browser() as browser:
        for phone, text in ((town.on_whatsapp(), long), (town.on_telegram(), long), (browser, long[:60_000])):
            assert "teruskan" in await says(phone, text)
            assert len((await last_question()).text) == LONGEST_QUESTION == 4_096
        for text in ("", " \n\t "):
            assert await browser.says(text) == 400
        assert browser.errors == ["empty", "empty"]
        assert await browser.says(long) == 413  # where nothing above 64 kB is taken
    for phone in (town.on_whatsapp(), town.on_telegram()):
        told = await says(phone, "🙏🙏🏽")
        assert "belum kami pahami" in told and "Balas dengan angka" in told
        assert await phone.sends_sticker() == 200
        assert "Stiker tidak dapat dipakai" in await phone.hears()
        assert await phone.sends_voice() == 200
        assert "pesan suara tidak dapat kami dengar" in await phone.hears()
        assert len(phone.heard) == 1
    blank = town.on_whatsapp()
    said = doors.message(town, blank.wa_id or "", "text", {"body": ""})
    assert await doors.whatsapp(town, doors.written_by(town, blank.wa_id or "", said)) == 200
    assert await blank.hears()


@row(16, "NUL, a vertical tab, half a character",
     "U+FFFD before any database sees it; so in a table that is read or written")  # fmt: skip
async def what_no_database_holds(town: Town) -> None:
    citizen = town.on_whatsapp("Ndun\x00\x0b")
    told = await says(citizen, "mau tanya soal \x0bkartu \ud83d keluarga \x00 saya")
    assert "teruskan" in told
    assert (await last_question()).text == "mau tanya soal �kartu � keluarga � saya"
    assert await name_of_last() == "Ndun��"
    at = int(town.clock().timestamp())
    sender = '"id": 69001, "first_name": "Ndun \\ud800"'
    words = r'"text": "mau tanya \udc00 soal \u0000\u000b akta"'
    body = (
        '{"update_id": 99001, "message": {"message_id": 3, "from": {"is_bot": false, ' + sender + "}, "
        '"chat": {"type": "private", ' + sender + f'}}, "date": {at}, ' + words + "}}"
    )
    town.telegram.meet({"id": 69001, "type": "private", "first_name": "Ndun"})
    assert await doors.telegram(town, body.encode()) == 200
    await settled(town)
    assert (await last_question()).text == "mau tanya � soal �� akta"
    async with town.in_a_browser() as browser:
        assert await browser.says("mau tanya \x00 soal \ud800 akta \x0b saya") == 200
        await browser.hears(containing="teruskan")
        assert (await last_question()).text == "mau tanya � soal � akta � saya"
    odd = "Ndun\x00\x0b \ud83d"
    written = sheets.workbook("Usulan", ["nama"], [[odd]])
    for table in (f"nama\n{odd}".encode("utf-16", "surrogatepass"), written):
        assert await rows_of(table) == [["Ndun�� �"]]


@row(17, "marks of direction, zero width and look-alikes in a name",
     "kept composed (NFC), without what nobody sees")  # fmt: skip
async def hidden_in_a_name(town: Town) -> None:
    odd = f"Mari{RTL}a{ZERO_WIDTH} \u2066Nd\u00adu\u0308n\u2069"
    for phone in (town.on_whatsapp(odd), town.on_telegram(odd)):
        await says(phone, "halo")
        assert await name_of_last() == "Maria Ndün"
    citizen = town.on_telegram()
    await comes_to_the_nik(citizen, name=f"Yose{ZERO_WIDTH}fi\u202dna Ndu\u0308n")
    kept = await Request.all().order_by("-id").first()
    assert kept is not None and kept.subject_name == "Yosefina Ndün"
    other = town.on_telegram()
    assert "huruf Latin" in await comes_to_the_nik(other, name=f"M{CYRILLIC}ria Ndun")
    assert (await Request.all().order_by("-id").first()).subject_name is None


@row(18, "1,000 marks on one letter", "at most three on a letter")
async def marks_on_marks(town: Town) -> None:
    tower = "Z" + "\u0335\u0321\u034f" * 400
    citizen = town.on_whatsapp(f"Mari{tower}a")
    assert "teruskan" in await says(citizen, f"mau tanya soal {tower} akta")
    for kept in (await name_of_last(), (await last_question()).text):
        assert 0 < sum(unicodedata.category(c) == "Mn" for c in kept or "") <= 3
    other = town.on_telegram()
    assert "huruf" in await comes_to_the_nik(other, name=f"Mari{tower}a Ndun")


@row(19, "'; DROP TABLE, % and _ in what is looked for", "words like any other")
async def statements_in_words(town: Town) -> None:
    citizen = town.on_whatsapp()
    await comes_to_the_nik(citizen)
    await citizen.taps("Lewati")
    await citizen.hears(containing="desa/kelurahan")
    for typed in ("'; DROP TABLE requests; --", "%", "_etina", "M%", "metina' OR '1'='1", "\\"):
        assert typed not in await says(citizen, typed)
        assert (await Request.all().order_by("-id").first()).village_code is None
    ani = await town.at_the_desk()
    for typed in ("%", "_", "'; DROP TABLE requests; --", "KTP' --"):
        assert "<" not in await says(ani, f"/antrean {typed}")
    assert await Request.all().count() > 0


@row(20, '<script>, "onerror=, {{7*7}}, ${} in a name', "shown as text; nothing is worked out")
async def scripts_in_a_name(town: Town) -> None:
    ani = await town.at_the_desk()
    for typed in SCRIPTS:
        citizen = town.on_whatsapp(typed)
        assert "teruskan" in await says(citizen, f"mau tanya soal {typed} akta")
        assert f"soal {typed} akta" in await ani.hears(containing=typed)
        assert f"soal {typed} akta" in await says(ani, f"/tanya T{(await last_question()).number}")
        assert "49" not in ani.last.split("soal")[1]
        ani._new_turn()
    form = town.on_telegram()
    await comes_to_the_nik(form, name=SCRIPTS[0])
    for typed in SCRIPTS[1:]:
        assert "nama" in (await says(form, typed)).lower()
        assert (await Request.all().order_by("-id").first()).subject_name is None
    async with town.in_a_browser() as browser:
        await says(browser, f"mau tanya soal {SCRIPTS[0]} akta")
        lines = (await browser.history())["lines"]
        assert "mau tanya soal &lt;script&gt;alert(1)&lt;/script&gt; akta" in [line["text"] for line in lines]
        assert "<script" not in json.dumps(lines)


@row(21, "Telegram's markup in a name; a newline and runs of spaces in a template's variable",
     "escaped, put on one line, and the message is sent")  # fmt: skip
async def markup_and_templates(town: Town) -> None:
    ani = await town.at_the_desk()
    odd = "*Maria* _Ndun_ <b>`x`</b> [a](http://evil.example)"
    citizen = town.on_whatsapp(odd)
    await says(citizen, "mau tanya soal <i>akta</i> & *kk*")
    told = await ani.hears(containing="akta")
    assert "soal <i>akta</i> & *kk*" in told and "*Maria*" in told

    maria = town.on_whatsapp()
    number = await files_a_lost_card(maria)
    queue = (await Request.all().order_by("-id").first()).queue_number
    await says(ani, f"/ambil {queue}")
    town.clock.advance(hours=11, minutes=59)
    await says(ani, "/antrean")
    town.clock.advance(hours=12, minutes=1)  # WhatsApp's window has closed: a template it must be
    await town.wakes(ani, ani.name)
    maria._new_turn()
    await says(ani, f"/tolak {queue} bukan milik pemohon\n\n    mohon\tdatang      ke kantor")
    told = await maria.hears(containing="bukan milik pemohon mohon datang ke kantor")
    assert maria.last_message.type == "template" and number in told


@row(22, "=HYPERLINK, +, -, @, a tab, CR in an export",
     "one's own data is JSON, where they are words; in a sheet an apostrophe is before them")  # fmt: skip
async def formulas_in_an_export(town: Town) -> None:
    citizen = town.on_whatsapp()
    for typed in FORMULAS:
        await says(citizen, f"{typed} mau tanya soal akta")
    await says(citizen, "data saya")
    await citizen.taps("Salinan data")
    told = await citizen.hears(containing="/d/")
    path = urlsplit(next(word for word in told.split() if "/d/" in word)).path
    async with aiohttp.ClientSession() as http, http.post(f"{town.url}{path}") as answer:
        assert (answer.status, answer.content_type) == (200, "application/zip")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert {PurePath(name).suffix for name in archive.namelist()} <= {".json", ".jpg"}
    messages = json.loads(archive.read("data.json"))["messages"]
    said = json.dumps([one for one in messages if one["from"] == "me"])
    for typed in FORMULAS:
        assert json.dumps(typed.strip())[1:-1] in said, typed
    shown = await rows_of(sheets.workbook("Hasil", ["isi"], [[typed] for typed in FORMULAS]))
    assert shown == [[" ".join(f"'{typed}".split())] for typed in FORMULAS]
    assert await rows_of(b"isi\n=1+1") == [["=1+1"]]  # what comes in is only words here


@row(23, "a name with a line break and a made-up line of the log", "no name is logged; each line is JSON")
async def lines_of_a_log(town: Town) -> None:
    forged = '{"event": "forged", "level": "info"}'
    citizen = town.on_whatsapp(f"Maria\r\n{forged}\n")
    await says(citizen, f"halo\r\n{forged}")
    await citizen.sends_document(b"PK\x03\x04", f"x\r\n{forged}.pdf")
    await citizen.hears()
    assert "\n" not in (await name_of_last() or "")
    lines = town.log_lines()  # every line is JSON, or this fails
    assert lines and all(line["event"] != "forged" for line in lines)
    assert "forged" not in town.logs.getvalue()


@row(24, "CRLF and quotes in a file's name", "a name of our own, and theirs escaped behind it (RFC 6266)")
async def names_that_split_headers(town: Town) -> None:
    async with town.in_a_browser() as browser:
        for name in (
            b'surat"; filename="x.html', b"surat%22; filename=x.html", b"surat\r\n X-Evil: 1.pdf",
            b"surat\r\nX-Evil: 1.pdf", b"surat\x00<script>.pdf", b"\xff\xfe.pdf",
        ):  # fmt: skip
            body = (
                b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n%b\r\n'
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n'
                b"PK\x03\x04\r\n--x--\r\n"
            ) % (str(uuid.uuid4()).encode(), name)
            told = {"Content-Type": "multipart/form-data; boundary=x"}
            async with browser.http.post(f"{town.url}/chat/messages", data=body, headers=told) as answer:
                assert answer.status in (200, 400), name
        await browser.sends_document(pictures.pdf(), 'surat "kuasa".pdf')
        await settled(town)
        files = [file for line in (await browser.history())["lines"] for file in line["files"]]
        assert len(files) > 1
        for file in files:
            async with browser.http.get(f"{town.url}/chat/files/{file['id']}") as answer:
                disposition = answer.headers["Content-Disposition"]
                assert answer.status == 200 and "X-Evil" not in answer.headers
            parts = disposition.split("; ")
            assert len(parts) == 3 and parts[0] == "attachment"
            assert re.fullmatch(r'filename="berkas(\.[A-Za-z0-9]+)?"', parts[1])
            assert re.fullmatch(r"filename\*=UTF-8''[A-Za-z0-9%._~-]+", parts[2])


@row(25, "../../x, C:\\, con, .htaccess, a name of 300 characters", "never a path: stored under our own id")
async def names_that_are_paths(town: Town) -> None:
    citizen, on_telegram = town.on_whatsapp(), town.on_telegram()
    before = {path for path in town.folder.rglob("*") if path.is_file()}
    for phone, names in ((citizen, NAMES[::2]), (on_telegram, NAMES[1::2])):
        for name in names:
            await phone.sends_document(b"PK\x03\x04 tidak dibaca", name)
            await phone.hears()
    await settled(town)
    kept = await StoredFile.all().order_by("-id").limit(len(NAMES))
    assert len({one.storage_key for one in kept}) == len(kept)
    for one in kept:
        assert (town.folder / "papers" / str(one.storage_key)).is_file()
        assert PurePath(str(one.storage_key)).name == one.file_id
        assert one.name is None or len(one.name) <= 255
    new = {path for path in town.folder.rglob("*") if path.is_file()} - before
    assert {path.relative_to(town.folder).parts[0] for path in new} <= {"papers", "loket.db-wal"}
    assert {path.name for path in new if "papers" in path.parts} == {one.file_id for one in kept}


@row(38, "a NIK of 15 or 17 digits, letters, other digits, spaces, day 72, month 13",
     "made plain, or refused with the reason; a woman's day + 40 is understood")  # fmt: skip
async def odd_niks(town: Town) -> None:
    wrong = {
        "531401550690001": "15",
        "53140155069000O1": "",  # a letter O
        "5314 0155 0690 00012": "17",
        "٥٣١٤٠١٥٥٠٦٩٠٠٠٠١": "",  # other digits
        "1" * 16: "",
    }
    async with town.in_a_browser() as browser:
        people: tuple[Phone, ...] = browser, town.on_telegram()
        for citizen in people:
            await comes_to_the_nik(citizen)
            for typed, count in wrong.items():
                told = await says(citizen, typed)
                assert "NIK" in told and count in told and typed not in told
            for unusual in ("5314017206900001", "5314011513900001"):  # the day 72, the month 13
                assert "benar" in (await says(citizen, unusual)).lower()
                await says(citizen, "tidak")
            await citizen.says("5314 0155-0690.0001")  # of a woman: day 15 + 40
            await citizen.hears(containing="desa/kelurahan")
            assert (await Request.all().order_by("-id").first()).nik == NIK
    assert judge_nik(NIK).decision is Decision.ACCEPT


@row(
    59, "the date 0000, the year 9999, 31 February, 24:00, besok", "a clear question back; nothing overflows"
)
async def odd_dates(town: Town) -> None:
    """Nobody is asked for a date here: it comes in a NIK, and in what staff type behind a command."""
    odd = ("0000-00-00", "9999-12-31", "31-02-2026", "24:00", "besok", "-1", "10" * 40, "1e9")
    for digits in ("000000", "990299", "310226", "320101"):
        assert judge_nik(f"531401{digits}0001").decision in (Decision.ACCEPT, Decision.CONFIRM)
    ani = await town.at_the_desk()
    for command in ("tunda", "siap", "hak ambil", "tanya", "jawab"):
        for typed in odd[1:6]:
            told = await says(ani, f"/{command} {typed}")
            assert told and len(told) < 4096, (command, typed)
    assert await OutboxMessage.filter(state="failed").count() == 0
    citizen = town.on_telegram()
    for typed in odd:
        assert await says(citizen, typed)
