"""The real RapidOCR in its child, where it is installed: `make ocr`."""

import asyncio
import io
import random
import shutil
from pathlib import Path

import pytest

from benchmarks.readability import papers
from bot.reading import ocr
from bot.reading.ocr import Ocr
from models.requests import Paper
from office.identity import Nik
from office.suggestions import Suggestion, suggested_by
from tests.fakes import pictures
from tests.flows.counter import open_counter
from tests.flows.steps import comes_to_the_papers, says
from tests.patience import PATIENCE
from tests.reading import bad_pictures

NIK, NAME = "5314015506900001", "MARIA CONTOH"

pytestmark = pytest.mark.skipif(
    not ocr.installed(), reason="an extra of 330 MB that most do without: make ocr"
)


def card() -> bytes:
    file = io.BytesIO()
    papers.card(random.Random(5), NIK, NAME).save(file, "JPEG", quality=85)
    return file.getvalue()


async def test_it_reads_a_card_and_outlives_what_is_none() -> None:
    one = Ocr()
    try:
        for content in (b"", b"berkas", card()[:2000], bad_pictures.black()):
            assert suggested_by(await one.lines(content), "ktp", None) is None
        assert suggested_by(await one.lines(card()), "ktp", None) == Suggestion(Nik(NIK), NAME)
    finally:
        await one.close()


async def test_the_operator_is_told_when_the_citizen_has_gone(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "loket.db")
    url = f"sqlite://{tmp_path}/loket.db"
    async with open_counter(url, tmp_path, ocr="on", tick_seconds=1) as counter:
        ani, citizen = await counter.operator("Ani"), counter.citizen()
        await comes_to_the_papers(citizen, "ktp rusak", name="Maria Contoh")
        await citizen.sends_album([card(), pictures.jpeg(2)])
        await citizen.hears(containing="2 dari 2")
        await says(citizen, "selesai")
        await citizen.taps("KIRIM")
        await citizen.hears(containing="sudah diterima")
        async with asyncio.timeout(PATIENCE):
            while await Paper.filter(scan__suggested=None).exists():
                await asyncio.sleep(0.1)
        await ani.says("/ambil")
        assert "saran OCR, mohon periksa: NIK ••••••••••••0001" in await ani.hears(containing="Nama lengkap")
