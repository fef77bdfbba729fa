"""The letters on a card, by RapidOCR, whose models lie in its own package.  An extra: requirements-ocr.txt.

Runs in the child.
"""

import io
import json
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidocr import RapidOCR

from bot.reading.words import CARDS, MOST_LINES

LIMITS: Final = CARDS
_SIDE: Final = 2_000  # pixels: larger pictures are made smaller

cv2.setNumThreads(1)  # what forks may have one thread
_reads: Final = RapidOCR(
    params={
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
)


def warm() -> None:
    """Load every model: a child can load nothing."""
    picture = Image.new("RGB", (640, 200), "white")
    font = ImageFont.load_default(48)
    ImageDraw.Draw(picture).text((40, 60), "NIK 5314010101900001", fill="black", font=font)
    file = io.BytesIO()
    picture.save(file, "JPEG")
    if b"5314010101900001" not in answer(file.getvalue()):
        raise RuntimeError("the models read nothing")


def answer(asked: bytes) -> bytes:
    """``asked``: a JPEG of ours.  The answer is JSON: ``[{"text", "x", "y", "high"}, …]``, see `Line`."""
    with Image.open(io.BytesIO(asked), formats=("JPEG",)) as picture:
        picture.draft(None, (_SIDE, _SIDE))
        picture.thumbnail((_SIDE, _SIDE))
        seen = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    found = _reads(seen)
    if found.txts is None:
        return b"[]"
    return json.dumps(_lines(found.txts, np.asarray(found.boxes, dtype=float))).encode()


def _lines(texts: Sequence[str], boxes: Any) -> list[dict[str, Any]]:
    """``boxes``: of each text four corners, clockwise from the upper left one."""
    along = boxes[:, 1] - boxes[:, 0]
    slope = float(np.median(along[:, 1] / np.maximum(along[:, 0], 1.0)))
    high = np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)
    left = (boxes[:, 0] + boxes[:, 3]) / 2
    level = left[:, 1] - slope * left[:, 0]  # as if the card lay straight
    read = [
        {"text": text, "x": float(x), "y": float(y), "high": float(h)}
        for text, x, y, h in zip(texts, left[:, 0], level, high, strict=True)
    ]
    return read[:MOST_LINES]
