"""A PDF → a picture of each page.  Nothing in it is run: the engine has no script and no forms.

Runs in the child.
"""

import ctypes
from collections.abc import Iterator
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from bot.reading import pdf_actions
from bot.reading.words import MOST_PAGES, Problem

LONG_SIDE: Final = 2_340  # pixels: an A4 page at 200 dots an inch
_MOST_SLENDER: Final = 12  # how many times longer than wide a page may be


class Refused(Exception):
    """``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def pages(content: bytes) -> Iterator[Image.Image]:
    """Raises: Refused, before the first page or at any."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Refused(Problem.LOCKED if locked else Problem.BROKEN) from error
    if _does_something(document) or pdf_actions.found_in(content):
        raise Refused(Problem.ACTIVE)
    if len(document) > MOST_PAGES:
        raise Refused(Problem.PAGES)
    if len(document) == 0:
        raise Refused(Problem.BROKEN)
    for number in range(len(document)):
        try:
            yield _drawn(document[number])
        except pypdfium2.PdfiumError as error:
            raise Refused(Problem.BROKEN) from error


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    wide, high = page.get_size()
    long, short = max(wide, high), min(wide, high)
    if short <= 0 or long / short > _MOST_SLENDER:
        raise Refused(Problem.BROKEN)
    picture: Image.Image = page.render(scale=LONG_SIDE / long, may_draw_forms=False).to_pil()
    return picture.convert("RGB")


def _does_something(document: pypdfium2.PdfDocument) -> bool:
    """What the engine itself knows of: scripts, files inside, forms of the kind that are programs."""
    form = pdfium.FPDF_GetFormType(document.raw)
    if form in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        return True
    counts = (pdfium.FPDFDoc_GetJavaScriptActionCount, pdfium.FPDFDoc_GetAttachmentCount)
    return any(ctypes.c_int(count(document.raw)).value > 0 for count in counts)
