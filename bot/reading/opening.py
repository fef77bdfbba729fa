"""Bytes of a stranger → upright pages without a trace of where and by what they were made.

Runs in the child.
"""

import io
import json
from dataclasses import dataclass
from typing import Final

import pi_heif
from PIL import ExifTags, Image, ImageOps

from bot.reading import pdf, quality
from bot.reading.looks import looks_of
from bot.reading.words import FORMATS, JPEG, OPENING, PDF, Problem, Verdict

LIMITS: Final = OPENING
MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 12_000  # pixels
KEPT_SIDE: Final = 3_500  # pixels; larger pictures are made smaller
QUALITY: Final = 92  # of the JPEG that is kept
TINY: Final = (320, 200)  # pixels, the longer and the shorter side
_SMALLEST_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 40 400]>>endobj\ntrailer<</Root 1 0 R>>"
)
_REDUCED: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_ON_SIXTEEN_BITS: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I")

pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
pi_heif.options.DECODE_THREADS = 1
Image.MAX_IMAGE_PIXELS = None  # by `_measure`, with a word of its own


class Unreadable(Exception):
    """The file cannot be read; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Page:
    jpeg: bytes
    verdict: Verdict
    looks: str


def pages_of(content: bytes, mime: str) -> list[Page]:
    """The pages of a file that begins like ``mime``: of a picture its first frame, of a PDF every page.

    Blank backs of a PDF are left out.  Raises: Unreadable; MemoryError.
    """
    if mime == PDF:
        try:
            drawn = [_page(picture, drawn=True) for picture in pdf.pages(content)]
        except pdf.Refused as refused:
            raise Unreadable(refused.problem) from refused
        written = [page for page in drawn if page.verdict is not Verdict.BLANK]
        return written or drawn[:1]
    return [_page(_opened(content, FORMATS[mime]))]


def answer(asked: bytes) -> bytes:
    """``asked``: what the file begins like, a line; then its bytes.  The answer: a line of JSON, the pages.

    Shape:  ``{"pages": [{"size": bytes, "verdict": …, "looks": …}, …]}`` or ``{"problem": …, "error": …}``.
    """
    mime, _, content = asked.partition(b"\n")
    try:
        pages = pages_of(content, mime.decode())
    except Unreadable as reason:
        return _line({"problem": reason.problem, "error": type(reason.__cause__).__name__})
    except MemoryError:
        return _line({"problem": Problem.HEAVY, "error": "MemoryError"})
    head = [{"size": len(page.jpeg), "verdict": page.verdict, "looks": page.looks} for page in pages]
    return _line({"pages": head}) + b"".join(page.jpeg for page in pages)


def _line(said: dict[str, object]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def warm() -> None:
    """Read one file of each kind: decoders load parts of themselves late, and a child can load nothing."""
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    for mime, size in ((JPEG, (640, 480)), ("image/png", TINY), ("image/webp", TINY)):
        file = io.BytesIO()
        Image.new("RGB", size, "white").save(file, FORMATS[mime], exif=turned)
        pages_of(file.getvalue(), mime)
    pages_of(_SMALLEST_PDF, PDF)


def _opened(content: bytes, decoder: str) -> Image.Image:
    """Decoded to the last byte, upright, on white, no longer than `KEPT_SIDE`."""
    try:
        with Image.open(io.BytesIO(content), formats=(decoder,)) as picture:
            _measure(picture.size)
            picture.draft(None, (KEPT_SIDE, KEPT_SIDE))  # a JPEG is decoded at a fraction of its size
            plain = _plain(_halved(picture))
            plain.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BILINEAR)
            plain.info = dict(picture.info)
            upright = ImageOps.exif_transpose(plain)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # decoders raise whatever they like
        raise Unreadable(Problem.BROKEN) from error
    upright.info = {}  # else a comment would be written with it
    return upright


def _measure(size: tuple[int, int]) -> None:
    """By the header, before a pixel is decoded."""
    long, short = max(size), min(size)
    if long > LONGEST_SIDE or long * short > MOST_PIXELS:
        raise Unreadable(Problem.VAST)
    if long < TINY[0] or short < TINY[1]:
        raise Unreadable(Problem.TINY)


def _halved(picture: Image.Image) -> Image.Image:
    """A picture of more than twice the size that is kept, at a fraction: there is no room for copies."""
    picture.load()
    factor = max(picture.size) // KEPT_SIDE
    return picture.reduce(factor) if factor > 1 and picture.mode in _REDUCED else picture


def _plain(picture: Image.Image) -> Image.Image:
    """Eight bits a colour, no holes."""
    if picture.mode in _ON_SIXTEEN_BITS:
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _page(picture: Image.Image, *, drawn: bool = False) -> Page:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return Page(written.getvalue(), quality.verdict(picture, drawn=drawn), looks_of(picture))
