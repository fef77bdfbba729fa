"""How long a large photo takes, from its bytes to the verdict, through the child."""

import io
import random
import time

from PIL import Image

from benchmarks.readability import defects, papers
from benchmarks.readability.scenes import photographed
from bot.reading.reader import Reader

FIVE_MEGABYTES = 5_000_000


def large_photo() -> bytes:
    """Twelve megapixels, as a phone keeps them: some five megabytes."""
    chance = random.Random("large")
    scene = photographed(papers.letter(chance), chance, (3000, 4000)).picture
    photo = defects.grainy(scene, chance, 40.0)
    return min(
        (_saved(photo, quality) for quality in range(70, 97)), key=lambda one: abs(len(one) - FIVE_MEGABYTES)
    )


def _saved(photo: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return file.getvalue()


async def check_times(count: int = 15) -> tuple[list[float], int]:
    """Seconds for each, one after the other, and the photo's size in bytes."""
    photo, reader, times = large_photo(), Reader(), []
    await reader.read(photo, "image/jpeg")  # starts the child
    for _ in range(count):
        begun = time.perf_counter()
        await reader.read(photo, "image/jpeg")
        times.append(time.perf_counter() - begun)
    await reader.close()
    return times, len(photo)
