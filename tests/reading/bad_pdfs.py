"""PDFs that no citizen means to send, each well-formed but for what it is here for."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

from tests.fakes import pictures

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %b>>"
_TEXT = b"BT /F1 18 Tf 40 800 Td (Berkas contoh) Tj ET"


def pdf(
    *, catalog: bytes = b"", page: bytes = b"", further: Sequence[bytes] = (), trailer: bytes = b"",
    content: bytes = _TEXT, content_is: bytes = b"",
) -> bytes:  # fmt: skip
    """One page; what is given is written into its catalogue, page, trailer, or as objects from 5 on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %b>>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE % page,
        b"<< /Length %d %b>>\nstream\n%b\nendstream" % (len(content), content_is, content),
        *further,
    ]
    file, places = bytearray(b"%PDF-1.5\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<< /Size %d /Root 1 0 R %b>>\n" % (len(objects) + 1, trailer)
    return bytes(file) + b"startxref\n%d\n%%%%EOF\n" % start


def locked() -> bytes:
    """By the password ``rahasia``; standard security handler, revision 2 (PDF 1.7, 7.6.3)."""
    user, ident, rights = (b"rahasia" + _PAD)[:32], b"0123456789abcdef", struct.pack("<i", -4)
    owner = _rc4(_md5(user)[:5], user)
    key = _md5(user + owner + rights + ident)[:5]
    entry = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>"
    said = entry % (owner.hex().encode(), _rc4(key, _PAD).hex().encode())
    return pdf(further=[said], trailer=b"/Encrypt 5 0 R /ID [<%b> <%b>] " % ((ident.hex().encode(),) * 2))


def runs_script() -> bytes:
    return pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> ")


def runs_script_by_name() -> bytes:
    names = b"/Names << /JavaScript << /Names [(x) 5 0 R] >> >> "
    return pdf(catalog=names, further=[b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"])


def hides_the_name() -> bytes:
    return pdf(catalog=b"/OpenAction << /S /J#61vaScript /J#53 (app.alert\\(1\\)) >> ")


def packs_the_script() -> bytes:
    packed = zlib.compress(b"9 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>")
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream"
    return pdf(further=[head % (len(packed), packed)])


def opens_an_address() -> bytes:
    return pdf(catalog=b"/OpenAction 5 0 R ", further=[b"<< /S /URI /URI (http://example.invalid/) >>"])


def starts_a_program() -> bytes:
    link = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (x.exe) >> >>] "
    return pdf(page=link)


def carries_a_file() -> bytes:
    names = b"/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >> "
    inside = b"<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream"
    return pdf(catalog=names, further=[b"<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>", inside])


def is_a_program_form() -> bytes:
    xfa = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>"
    stream = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(xfa), xfa)
    return pdf(catalog=b"/AcroForm << /Fields [] /XFA 5 0 R >> ", further=[stream])


def begins_at_a_page() -> bytes:
    """As many programs write it; harmless."""
    return pdf(catalog=b"/OpenAction [3 0 R /Fit] ")


def five_hundred_pages() -> bytes:
    return pictures.pdf(pages=500)


def bomb() -> bytes:
    """300 MB of drawing in 292 kB: a thirtieth of it is packed, so that it can be repeated."""
    drawing, times = b"q Q " * 2_500_000, 30
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    thirtieth = packer.compress(drawing) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(drawing, check)
    packed = b"\x78\xda" + thirtieth * times + b"\x03\x00" + check.to_bytes(4, "big")
    return pdf(content=packed, content_is=b"/Filter /FlateDecode ")


def loops() -> bytes:
    """Its table of contents says that it goes on where it begins, and its pages hold themselves."""
    whole = pdf()
    start = whole.rindex(b"xref\n0 ")
    around = whole.replace(b"/Root 1 0 R ", b"/Root 1 0 R /Prev %d " % start)
    return around.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [2 0 R] /Count 9")


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def _rc4(key: bytes, content: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)
