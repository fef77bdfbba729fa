"""Many photos on one picture, for people to look at."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

CELL = 300, 250


def sheet(photos: Sequence[tuple[bytes, str]], columns: int = 6, cell: tuple[int, int] = CELL) -> Image.Image:
    """Each photo with its words under it."""
    wide, high = cell
    rows = -(-len(photos) // columns)
    whole = Image.new("RGB", (wide * columns, high * rows), "white")
    pen = ImageDraw.Draw(whole)
    for place, (jpeg, words) in enumerate(photos):
        left, top = place % columns * wide, place // columns * high
        with Image.open(io.BytesIO(jpeg)) as picture:
            picture.thumbnail((wide - 8, high - 26))
            whole.paste(picture, (left + 4, top + 4))
        pen.text((left + 6, top + high - 20), words, fill="black", font_size=14)
    return whole
