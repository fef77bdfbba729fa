"""What goes wrong when papers are photographed, and what goes a little wrong and does not matter."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.readability.scenes import Floats, Seen, seen_as

LONG = 1280  # pixels: what chat apps leave of a photo


def grainy(picture: Image.Image, chance: random.Random, most: float = 6.0) -> Image.Image:
    """The sensor's noise, a lens that is not quite sharp."""
    shape = picture.height, picture.width, 3
    grain = np.random.default_rng(chance.randrange(2**31)).standard_normal(shape, np.float32)
    soft = picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.2, 0.7) * max(picture.size) / LONG))
    return seen_as(np.asarray(soft, np.float32) + grain * chance.uniform(1, most))


def as_sent(picture: Image.Image, chance: random.Random) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=chance.randrange(62, 92))
    return file.getvalue()


def dark(picture: Image.Image, chance: random.Random) -> Image.Image:
    """In the evening without a lamp: little light, much noise."""
    dim = np.asarray(picture, np.float32) * chance.uniform(0.07, 0.24)
    return grainy(seen_as(dim), chance, 9.0)


def dim(picture: Image.Image, chance: random.Random) -> Image.Image:
    """In the shade; everything can be read."""
    return grainy(seen_as(np.asarray(picture, np.float32) * chance.uniform(0.5, 0.75)), chance, 7.0)


def out_of_focus(picture: Image.Image, chance: random.Random) -> Image.Image:
    radius = chance.uniform(3.2, 8) * max(picture.size) / LONG
    return grainy(picture.filter(ImageFilter.GaussianBlur(radius)), chance)


def shaken(picture: Image.Image, chance: random.Random) -> Image.Image:
    """The phone moved along a line while it looked."""
    length = int(chance.uniform(12, 26) * max(picture.size) / LONG)
    angle = chance.uniform(0, np.pi)
    total = np.zeros((picture.height, picture.width, 3), np.float32)
    values = np.asarray(picture, np.float32)
    for step in range(length):
        along = step - length / 2
        shift = round(along * np.sin(angle)), round(along * np.cos(angle))
        total += np.roll(values, shift, axis=(0, 1))
    return grainy(seen_as(total / length), chance)


def glaring(seen: Seen, chance: random.Random) -> Image.Image:
    """A lamp or a flash mirrors in the plastic and hides what is under it."""
    return grainy(
        seen_as(_shone_on(seen, chance, chance.uniform(0.07, 0.18), chance.uniform(1.3, 2.2))), chance
    )


def shiny(seen: Seen, chance: random.Random) -> Image.Image:
    """A weak sheen: the writing under it can be read."""
    return grainy(seen_as(_shone_on(seen, chance, chance.uniform(0.1, 0.2), 0.22)), chance)


def _shone_on(seen: Seen, chance: random.Random, size: float, strength: float) -> Floats:
    picture = seen.picture
    weights = np.array([chance.uniform(0.6, 1.4) for _ in range(4)])
    x0, y0 = (np.array(seen.corners) * weights[:, None]).sum(axis=0) / weights.sum()
    y, x = np.mgrid[0 : picture.height, 0 : picture.width].astype(np.float32)
    angle, stretch = chance.uniform(0, np.pi), chance.uniform(1, 2.0)
    u = (x - x0) * np.cos(angle) + (y - y0) * np.sin(angle)
    v = ((y - y0) * np.cos(angle) - (x - x0) * np.sin(angle)) * stretch
    far = np.sqrt(u**2 + v**2) / (max(picture.size) * size)
    light = np.clip(1.6 * np.exp(-(far**2)), 0, 1 if strength < 1 else 1.6)[..., None] * strength
    return np.asarray(picture, np.float32) * (1 - 0.3 * np.clip(light, 0, 1)) + 200 * light


def of_a_screen(paper: Image.Image, chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """A photo of a monitor or phone that shows the paper: its pixels beat with those of the camera."""
    wide, high = size
    shown = paper.copy()
    shown.thumbnail((wide, high))
    screen = Image.new("RGB", size, (24, 24, 28))
    if chance.random() < 0.5:
        ImageDraw.Draw(screen).rectangle((0, 0, wide, high // 18), fill=(222, 226, 232))
    screen.paste(shown, ((wide - shown.width) // 2, (high - shown.height) // 2))
    values = np.asarray(screen, np.float32)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    pitch, angle = chance.uniform(2.3, 5.5), np.radians(chance.uniform(-9, 9))
    bend = 1 + chance.uniform(-0.05, 0.05) * (x / wide - 0.5)
    across, down = (x * np.cos(angle) + y * np.sin(angle)) * bend, y * np.cos(angle) - x * np.sin(angle)
    depth = chance.uniform(0.07, 0.3)
    stripes = [np.cos(2 * np.pi * (across / pitch + third / 3)) for third in range(3)]
    rows = np.cos(2 * np.pi * down / pitch)[..., None]
    grid = 1 - depth / 2 + depth * np.stack(stripes, axis=-1) + depth / 2 * rows
    beat = chance.uniform(60, 160)
    waves = (
        1
        + chance.uniform(0.0, 0.08)
        * np.cos(2 * np.pi * (x * 0.9 + y * 0.4 + 40 * np.sin(y / 300)) / beat)[..., None]
    )
    cold = np.array([0.92, 0.98, 1.06], np.float32)
    return grainy(seen_as(values * grid.astype(np.float32) * waves * cold), chance)


def small(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A preview instead of the photo."""
    side = chance.randrange(330, 560)
    preview = picture.copy()
    preview.thumbnail((side, side))
    return preview
