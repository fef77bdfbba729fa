"""Pictures as WhatsApp takes them: JPEG or PNG of eight bits a colour, at most five megabytes.

Source: Meta, WhatsApp Cloud API, "Media: supported media types", read 2026-11.
"""

import io
from typing import Final

from PIL import Image, ImageOps

from bot.channels.whatsapp.caps import MAX_ANIMATED_STICKER, MAX_PHOTO, MAX_STICKER

READ_AS_THEY_ARE: Final = frozenset({"image/jpeg", "image/png"})
SIDES: Final = (4096, 3072, 2400, 1800, 1280, 960)  # pixels; at 2400 the small print of a KTP can be read
QUALITIES: Final = (88, 75)
_EIGHT_BITS: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


class NotAPicture(Exception):
    """Nobody here can read it as one, or it is too large to be opened."""


def fits(content: bytes, mime: str) -> bool:
    """Whether WhatsApp takes the picture as it is.  Raises: NotAPicture."""
    if mime not in READ_AS_THEY_ARE or len(content) > MAX_PHOTO:
        return False
    with _opened(content) as picture:
        return picture.mode in _EIGHT_BITS


def fits_as_sticker(content: bytes) -> bool:
    """Of a WebP.  Raises: NotAPicture."""
    if len(content) <= MAX_STICKER:
        return True
    with _opened(content) as picture:
        return len(content) <= MAX_ANIMATED_STICKER and bool(getattr(picture, "is_animated", False))


def as_jpeg(content: bytes, limit: int = MAX_PHOTO) -> bytes:
    """The picture upright, as sharp as ``limit`` bytes allow; of a moving one the first frame.

    Slow for large pictures: run it in a thread.  Raises: NotAPicture.
    """
    with _opened(content) as picture:
        try:
            picture.draft("RGB", (SIDES[0], SIDES[0]))  # decodes a huge JPEG at a fraction of its size
            upright = _on_white(ImageOps.exif_transpose(picture))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise NotAPicture from error
    for side in SIDES:
        upright.thumbnail((side, side))
        for quality in QUALITIES:
            written = io.BytesIO()
            upright.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= limit:
                return written.getvalue()
    raise NotAPicture


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture from error


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(paper, seen).convert("RGB")
