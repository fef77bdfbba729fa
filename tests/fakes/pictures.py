"""Real small pictures and files, the same for the same seed, each seed different."""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageStat

EMPTY = b""


def _drawing(seed: int, width: int, height: int) -> Image.Image:
    """A page with a few lines and boxes on it: decodes, is not blank, and differs by seed."""
    chance = random.Random(seed)
    paper = tuple(chance.randrange(200, 256) for _ in range(3))
    picture = Image.new("RGB", (width, height), paper)
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        ink = tuple(chance.randrange(0, 160) for _ in range(3))
        left, top = chance.randrange(width // 2), chance.randrange(height // 2)
        right, bottom = chance.randrange(width // 2, width), chance.randrange(height // 2, height)
        pen.rectangle((left, top, right, bottom), outline=ink, width=2)
    pen.text((10, 10), f"berkas {seed}", fill=(0, 0, 0))
    return picture


@lru_cache(maxsize=64)
def jpeg(seed: int = 1, *, width: int = 640, height: int = 480) -> bytes:
    """A photo of some 40 kB that a person can read, as large as the office takes at least."""
    file = io.BytesIO()
    _drawing(seed, width, height).save(file, "JPEG", quality=85)
    return file.getvalue()


def png(seed: int = 1, *, width: int = 640, height: int = 480) -> bytes:
    file = io.BytesIO()
    _drawing(seed, width, height).save(file, "PNG")
    return file.getvalue()


def sticker(seed: int = 1, *, width: int = 512, height: int = 512) -> bytes:
    """A still WebP, under WhatsApp's 100 kB."""
    file = io.BytesIO()
    _drawing(seed, width, height).save(file, "WEBP", quality=60)
    return file.getvalue()


def same(one: bytes, other: bytes) -> bool:
    """Whether both show the same, saved at whatever quality."""
    shown = [Image.open(io.BytesIO(file)).convert("L").resize((128, 96)) for file in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*shown)).mean[0] < 2


def grainy(seed: int = 1, *, width: int = 4000, height: int = 3000) -> bytes:
    """A photo of many megabytes, however it is saved."""
    file, grain = io.BytesIO(), Image.effect_noise((width, height), 120).convert("RGB")
    Image.blend(_drawing(seed, width, height), grain, 0.5).save(file, "JPEG", quality=90)
    return file.getvalue()


def gif(seed: int = 1) -> bytes:
    """A moving GIF of two frames."""
    file, frames = io.BytesIO(), [_drawing(seed + n, 120, 90) for n in range(2)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def photos(count: int, *, seed: int = 1) -> list[bytes]:
    """So many photos, no two alike."""
    return [jpeg(seed + n) for n in range(count)]


def pdf(seed: int = 1, *, pages: int = 1) -> bytes:
    """A well-formed PDF 1.4 with one line of text a page and a true cross-reference table."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n in range(pages):
        drawn = f"BT /F1 18 Tf 40 800 Td (Berkas {seed}, halaman {n + 1}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * n} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
    file, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)


def ogg_voice(seed: int = 1) -> bytes:
    """An Ogg page with an Opus header and noise after it: recognised by its first bytes, plays nothing."""
    head = b"OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00"
    page = b"OggS\x00\x02" + bytes(8) + b"LOKT" + bytes(8) + b"\x01" + bytes([len(head)]) + head
    return page + random.Random(seed).randbytes(2000)


def huge(seed: int = 1, *, size: int = 30 * 1024 * 1024) -> bytes:
    """A photo with noise behind its end, ``size`` bytes in all: a file as large as people really send."""
    photo = jpeg(seed)
    return photo + random.Random(seed).randbytes(size - len(photo))


def truncated(seed: int = 1) -> bytes:
    """The first half of a photo: begins like a JPEG and cannot be decoded whole."""
    whole = jpeg(seed)
    return whole[: len(whole) // 2]
