"""A paper on a table, seen by a phone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Corner = tuple[float, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """``picture`` and where in it the paper's corners lie, from the upper left one, clockwise."""

    picture: Image.Image
    corners: tuple[Corner, ...]


def photographed(
    paper: Image.Image, chance: random.Random, size: tuple[int, int], *, outside: float = 0.0
) -> Seen:
    """From above, a little askew, under uneven light.  ``outside``: the share of it beyond the frame."""
    wide, high = size
    if paper.width > paper.height and high > wide:
        paper = paper.rotate(90, expand=True)
    share = chance.uniform(0.68, 0.92) if not outside else chance.uniform(0.85, 1.05)
    scale = min(wide * share / paper.width, high * share / paper.height)
    half = np.array([paper.width, paper.height]) * scale / 2
    angle = np.radians(chance.uniform(-6, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    askew = flat * (1 + np.array([[chance.uniform(-0.05, 0.05)] * 2 for _ in range(4)]))
    room = np.maximum(np.array([wide, high]) / 2 - np.abs(askew @ turn.T).max(axis=0) - 10, 0)
    middle = np.array([wide, high]) / 2 + room * [chance.uniform(-1, 1), chance.uniform(-1, 1)]
    if outside:
        middle = np.array([wide, high]) / 2 + _towards_a_side(chance, half, size, outside)
    corners = askew @ turn.T + middle
    table = _table(chance, size)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners], fill=255)
    shadow = mask.filter(ImageFilter.GaussianBlur(max(size) / 110))
    table.paste(Image.new("RGB", size, (20, 16, 12)), (5, 7), shadow.point(lambda value: value * 0.55))
    laid = paper.transform(
        size, Image.Transform.PERSPECTIVE, _coefficients(corners, paper.size), Image.Resampling.BICUBIC
    )
    table.paste(laid, (0, 0), mask.filter(ImageFilter.GaussianBlur(0.8)))
    return Seen(lit(table, chance), tuple((float(x), float(y)) for x, y in corners))


def held(seen: Seen, chance: random.Random) -> Image.Image:
    """Fingers on one edge of the paper, as people hold it."""
    picture, side = seen.picture.copy(), chance.randrange(4)
    pen, thick = ImageDraw.Draw(picture), max(picture.size) * chance.uniform(0.045, 0.06)
    one, other = np.array(seen.corners[side]), np.array(seen.corners[(side + 1) % 4])
    inwards = np.array(seen.corners).mean(axis=0) - (one + other) / 2
    inwards /= np.linalg.norm(inwards)
    skin = chance.choice([(150, 104, 78), (112, 76, 56), (186, 140, 112)])
    for place in (0.4, 0.52, 0.64)[: chance.randrange(1, 4)]:
        tip = one + (other - one) * place + inwards * thick * chance.uniform(0.1, 0.5)
        root = tip - inwards * max(picture.size)
        pen.line([tuple(tip), tuple(root)], fill=skin, width=int(thick))
        pen.ellipse([*(tip - thick / 2), *(tip + thick / 2)], fill=skin)
    return picture


def scanned(paper: Image.Image, chance: random.Random, size: tuple[int, int]) -> Seen:
    """By a scanning app: cut to the page's edges, and its white made whiter."""
    page = paper.copy()
    page.thumbnail(size)
    white = chance.uniform(1.0, 1.12)
    page = page.point(lambda value: min(255, int(value * white)))
    wide, high = page.size
    return Seen(page, ((0, 0), (wide, 0), (wide, high), (0, high)))


def lit(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Light from one side, and a lens that sees the corners darker."""
    wide, high = picture.size
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    angle = chance.uniform(0, 2 * np.pi)
    along = ((x / wide - 0.5) * np.cos(angle) + (y / high - 0.5) * np.sin(angle)) * chance.uniform(0, 0.35)
    away = ((x / wide - 0.5) ** 2 + (y / high - 0.5) ** 2) * chance.uniform(0, 0.3)
    warm = np.array([1.0, chance.uniform(0.94, 1.0), chance.uniform(0.82, 1.0)], np.float32)
    light = (chance.uniform(0.78, 1.0) + along - away)[..., None] * warm
    return seen_as(np.asarray(picture, np.float32) * light)


def seen_as(values: Floats) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _towards_a_side(
    chance: random.Random, half: NDArray[np.float64], size: tuple[int, int], outside: float
) -> NDArray[np.float64]:
    """How far a paper is moved for this share of it to lie beyond the frame, on one side or at a corner."""
    beyond = np.array(size) / 2 - half + 2 * half * outside
    ways = [(1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8)]
    return beyond * np.array(chance.choice(ways))


def _table(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    return chance.choice([_wood, _wood, _plain, _tiles, _cloth, _stone])(chance, size)


def _noise(seed: int, size: tuple[int, int], grain: tuple[int, int]) -> Floats:
    """Soft noise of about ±1, with patches of ``grain`` pixels."""
    wide, high = size
    shape = high // grain[1] + 2, wide // grain[0] + 2
    small = np.random.default_rng(seed).standard_normal(shape, np.float32)
    soft = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(soft, np.float32)


def _wood(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    base = np.array(chance.choice([(120, 84, 52), (150, 112, 74), (92, 62, 40), (176, 140, 98)]), np.float32)
    seed = chance.randrange(2**31)
    grain = _noise(seed, size, (160, 5)) * 9 + _noise(seed + 1, size, (400, 40)) * 10
    return seen_as(base + grain[..., None])


def _plain(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    base = chance.choice([(226, 224, 220), (70, 74, 80), (40, 40, 44), (168, 182, 176), (204, 196, 184)])
    return seen_as(
        np.array(base, np.float32) + _noise(chance.randrange(2**31), size, (90, 90))[..., None] * 4
    )


def _tiles(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    table = _plain(chance, size)
    pen, step = ImageDraw.Draw(table), max(size) // chance.randrange(3, 6)
    joint = tuple(int(value * 0.78) for value in table.getpixel((5, 5)))  # type: ignore[union-attr]
    for line in range(step // 3, max(size), step):
        pen.line((line, 0, line, size[1]), fill=joint, width=max(3, max(size) // 220))
        pen.line((0, line, size[0], line), fill=joint, width=max(3, max(size) // 220))
    return table


def _cloth(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """Checked, as in many kitchens."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    step = max(size) / chance.randrange(14, 26)
    checks = ((x // step) % 2 + (y // step) % 2)[..., None]
    light, dark = np.array((206, 200, 190)), np.array(chance.choice([(150, 70, 70), (70, 100, 140)]))
    weave = _noise(chance.randrange(2**31), size, (3, 3))[..., None] * 5
    return seen_as((light + (dark - light) * checks * 0.3 + weave).astype(np.float32))


def _stone(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    base = np.array(chance.choice([(120, 120, 118), (90, 94, 98), (158, 150, 140)]), np.float32)
    seed = chance.randrange(2**31)
    return seen_as(base + (_noise(seed, size, (5, 5)) * 8 + _noise(seed + 1, size, (60, 60)) * 7)[..., None])


def _coefficients(corners: NDArray[np.float64], paper: tuple[int, int]) -> Sequence[float]:
    """Of Pillow's PERSPECTIVE: from a place in the photo to one on the paper."""
    wide, high = paper
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (wide, 0), (wide, high), (0, high)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(wanted))]
