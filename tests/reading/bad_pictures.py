"""Pictures that are not what they seem, or more than they seem."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import ExifTags, Image, ImageEnhance

from tests.fakes import pictures

HEIC = Path(__file__).with_name("ten_pictures.heic").read_bytes()
"""Ten pictures of 640 x 480, a drawn card first.  Made with pillow-heif 1.8.1 (x265), from drawings alone."""
SERIAL, MAKER, REMARK = b"SN-0815-4711", b"TELEPON-CONTOH", b"catatan rahasia"


def polyglot() -> bytes:
    """A photo, and to a browser that guesses a page with a script."""
    return pictures.jpeg(1) + b"<html><script>alert(document.cookie)</script></html>"


def svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def eps() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 600 600\n(%pipe%id) (w) file\n"


def psd() -> bytes:
    return b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 600, 800, 8, 3) + bytes(64)


def tiff() -> bytes:
    return _saved(_card(), "TIFF")


def png(wide: int, high: int) -> bytes:
    """One bit a pixel, all white, whole."""
    rows = zlib.compress(b"\0" * (high * (1 + (wide + 7) // 8)), 9)
    return _png(wide, high, rows)


def png_that_claims(wide: int, high: int) -> bytes:
    """Only the header is there."""
    return _png(wide, high, zlib.compress(b""))


def see_through(wide: int, high: int) -> bytes:
    """Four bytes a pixel, all of them nothing, whole."""
    press, row = zlib.compressobj(1), bytes(1 + 4 * wide)
    rows = b"".join(press.compress(row) for _ in range(high)) + press.flush()
    return _png(wide, high, rows, bits=8, colours=6)


def moving_webp(frames: int) -> bytes:
    """A card first, and then plain pictures."""
    plain = Image.new("RGB", (640, 480), (200, 0, 0))
    whole = _saved(_card(), "WEBP", save_all=True, append_images=[plain], minimize_size=False)
    last = whole.rindex(b"ANMF")
    chunks = whole[12:] + whole[last:] * (frames - 2)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def black() -> bytes:
    return _saved(Image.new("RGB", (1200, 900)), "JPEG")


def dark(seed: int = 1) -> bytes:
    """A paper photographed at night; another each time."""
    return _saved(ImageEnhance.Brightness(Image.open(io.BytesIO(pictures.jpeg(seed)))).enhance(0.15), "JPEG")


def tiny() -> bytes:
    return pictures.jpeg(1, width=80, height=50)


def tells_all(kind: str = "JPEG") -> bytes:
    """Lying on its side, with the place, the device's number, a thumbnail of something else and a remark."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = MAKER.decode()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = SERIAL.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (10.0, 44.0, 12.0)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "S"
    plain = exif.tobytes()
    more = {"comment": REMARK, "xmp": b"<x:xmpmeta>" + REMARK + b"</x:xmpmeta>"} if kind == "JPEG" else {}
    return _saved(_card(), kind, exif=plain + pictures.jpeg(7, width=160, height=120), **more)


def _card() -> Image.Image:
    return Image.open(io.BytesIO(pictures.jpeg(1)))


def _saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def _png(wide: int, high: int, rows: bytes, *, bits: int = 1, colours: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", wide, high, bits, colours, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
