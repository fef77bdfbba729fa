"""Flat pictures of papers as people send them.  Nothing real is on them: names and numbers are made up."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

NAMES = ("CONTOH WARGA", "MARIA CONTOH", "YOSEF TELADAN", "RAMBU MISAL", "ANTON PERAGA", "SITI UMPAMA")
PLACES = ("DESA CONTOH", "KELURAHAN MISAL", "DUSUN PERAGA", "DESA UMPAMA")
TEXT = (
    "yang bertanda tangan di bawah ini menerangkan dengan sebenarnya bahwa orang tersebut adalah benar warga "
    "desa kami dan surat keterangan ini dibuat untuk dipergunakan sebagaimana mestinya kehilangan kartu "
    "keluarga akta kelahiran nikah pencatatan sipil kabupaten kecamatan laporan polisi nomor"
)
WORDS = TEXT.split()
INK = (28, 28, 34)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _number(chance: random.Random) -> str:
    return "0000" + "".join(chance.choices("0123456789", k=12))


def card(chance: random.Random, number: str = "", name: str = "") -> Image.Image:
    """Like a KTP: a blue card with fields, a portrait's grey shape, a pattern."""
    paper = Image.new("RGB", (1180, 745), chance.choice([(176, 212, 232), (188, 220, 236), (168, 204, 222)]))
    pen = ImageDraw.Draw(paper)
    for n in range(0, 1200, 26):
        pen.arc((n - 300, -200, n + 500, 900), 0, 180, fill=(160, 200, 224), width=3)
    pen.text((300, 26), "PROVINSI CONTOH", font=_font(40), fill=INK)
    pen.text((300, 76), "KABUPATEN PERAGA", font=_font(36), fill=INK)
    pen.text((40, 140), f"NIK : {number or _number(chance)}", font=_font(50), fill=INK)
    fields = ("Nama", "Tempat/Tgl Lahir", "Jenis Kelamin", "Alamat", "RT/RW", "Kel/Desa", "Agama", "Status")
    for line, label in enumerate(fields):
        value = name if name and label == "Nama" else chance.choice(NAMES if label == "Nama" else PLACES)
        pen.text((42, 216 + line * 56), label, font=_font(30), fill=INK)
        pen.text((310, 216 + line * 56), f": {value}", font=_font(30), fill=INK)
    pen.rectangle((880, 200, 1140, 545), fill=chance.choice([(190, 60, 60), (70, 90, 170)]))
    pen.ellipse((945, 250, 1075, 410), fill=(196, 160, 134))
    pen.pieslice((900, 410, 1120, 680), 180, 360, fill=(60, 62, 70))
    pen.text((890, 600), "CONTOH\n01-01-2020", font=_font(28), fill=INK)
    return paper


def letter(chance: random.Random) -> Image.Image:
    """An A4 page of text with a head, a stamp and a signature."""
    paper = Image.new("RGB", (1240, 1754), chance.choice([(250, 249, 244), (244, 244, 242), (252, 246, 232)]))
    pen = ImageDraw.Draw(paper)
    pen.text((330, 90), "PEMERINTAH KABUPATEN PERAGA", font=_font(38), fill=INK)
    pen.text((460, 144), chance.choice(PLACES), font=_font(34), fill=INK)
    pen.line((110, 206, 1130, 206), fill=INK, width=6)
    pen.text((380, 250), "SURAT KETERANGAN", font=_font(42), fill=INK)
    for line in range(chance.randrange(14, 27)):
        words = " ".join(chance.choice(WORDS) for _ in range(9))
        pen.text((130, 340 + line * 40), words[:66], font=_font(27), fill=INK)
    _sealed(pen, chance, 760, 1430)
    return paper


def form(chance: random.Random) -> Image.Image:
    """A landscape table with many small cells, like a family card."""
    paper = Image.new("RGB", (1754, 1240), chance.choice([(236, 243, 236), (250, 250, 248), (240, 240, 250)]))
    pen = ImageDraw.Draw(paper)
    pen.text((640, 60), "KARTU CONTOH", font=_font(56), fill=INK)
    pen.text((660, 130), f"No. {_number(chance)}", font=_font(34), fill=INK)
    for top, rows in ((230, 7), (640, 7)):
        for row in range(rows + 1):
            pen.line((80, top + row * 52, 1674, top + row * 52), fill=INK, width=2)
        for column in range(8):
            pen.line((80 + column * 228, top, 80 + column * 228, top + rows * 52), fill=INK, width=2)
        for row in range(rows):
            for column in range(7):
                text = chance.choice(NAMES) if column == 0 else chance.choice(WORDS).upper()
                pen.text((90 + column * 228, top + 12 + row * 52), text[:13], font=_font(24), fill=INK)
    _sealed(pen, chance, 1250, 1040)
    return paper


def handwritten(chance: random.Random) -> Image.Image:
    """A ruled page with short lines in blue, as by a ballpoint pen."""
    paper = Image.new("RGB", (1240, 1754), (246, 246, 240))
    pen = ImageDraw.Draw(paper)
    for line in range(110, 1700, 62):
        pen.line((60, line, 1180, line), fill=(188, 204, 224), width=2)
    for line in range(chance.randrange(9, 18)):
        x = 120.0
        for _ in range(chance.randrange(4, 7)):
            for _ in range(chance.randrange(4, 9)):
                top = 150 + line * 62
                knots = [(x + chance.uniform(0, 26), top + chance.uniform(0, 38)) for _ in range(4)]
                pen.line(knots, fill=(30, 44, 120), width=4, joint="curve")
                x += 19
            x += 28
    return paper


def empty(chance: random.Random) -> Image.Image:
    """The back of a page, or a page nobody wrote on."""
    return Image.new("RGB", (1240, 1754), chance.choice([(250, 249, 244), (240, 240, 238), (252, 246, 232)]))


def _sealed(pen: ImageDraw.ImageDraw, chance: random.Random, left: int, top: int) -> None:
    ink = chance.choice([(90, 80, 170), (60, 70, 150), (150, 60, 110)])
    pen.ellipse((left, top, left + 190, top + 190), outline=ink, width=7)
    pen.ellipse((left + 34, top + 34, left + 156, top + 156), outline=ink, width=4)
    pen.text((left + 50, top + 80), "CONTOH", font=_font(24), fill=ink)
    curve = [(left + 110 + n * 14, top + 60 + chance.randrange(90)) for n in range(16)]
    pen.line(curve, fill=(24, 34, 90), width=4, joint="curve")


WRITTEN: tuple[Callable[[random.Random], Image.Image], ...] = (card, letter, form, handwritten)
