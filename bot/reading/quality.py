"""Whether a person can read a page.

Pure functions of the picture, brought to one size first, so that a threshold means the same on every phone.
The thresholds were set on the tuning half of `benchmarks.readability`.  Runs in the child.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.reading.words import Verdict

Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

SIDE: Final = 1024  # pixels, the longer side of what is looked at
SMALL: Final = (600, 420)  # pixels, longer and shorter side: below, small print cannot be read
DARK: Final = 70  # of 255: the brightest twentieth of a picture that can be read is above
INK: Final = 0.13  # of the light, how much darker ink is than the paper around it
LEAST_INK: Final = 0.008  # of all pixels; a page with less is empty
LEAST_DRAWN: Final = 0.0002  # the same of a drawn page, on which there is nothing by chance
STEP: Final = 0.28  # of the light: what counts as an edge
SHARP: Final = 0.34  # of an edge's step lies between two pixels, in the worst direction
SHAKEN: Final = 0.66  # times as sharp in the worst direction as in the best
CLIPPED: Final = 250  # of 255, in every colour
GLARE: Final = (0.005, 0.3)  # of the picture, without a mark: less hides nothing, more is a white page
WHITE_PAGE: Final = 0.4  # of the picture clipped: made so by a scanning app
GRID: Final = 18.0  # times the usual of all fine patterns in paper that seems even
GRID_SEEN: Final = 0.006  # of the light
HIDDEN: Final = 0.33  # of what is clipped; where more of it can be seen through, it is a sheen
RUNS_OUT: Final = (0.6, 0.35)  # of a side that is paper, and at most of the side opposite
MARKS_OUT: Final = (5, 3)  # of ink at that side, and how many more than at the side opposite
ALL_OUT: Final = (0.7, 0.12)  # of a side that is paper, and at most of every other

_REACH: Final = 9  # pixels, about a letter's stroke and what is beside it
_TILE: Final = 16  # pixels
_PATCH: Final = 96  # pixels
_EDGE: Final = 20  # pixels
_LONGEST_MARK: Final = 26  # pixels along a side; the shadow beside a paper is longer


def verdict(picture: Image.Image, *, drawn: bool = False) -> Verdict:
    """The first reason that applies.  ``drawn``: a page of a PDF, which has no corners and no phone."""
    if not drawn and (max(picture.size) < SMALL[0] or min(picture.size) < SMALL[1]):
        return Verdict.SMALL
    seen = _Seen(picture, LEAST_DRAWN if drawn else LEAST_INK)
    for reason, applies in _DRAWN if drawn else _PHOTOGRAPHED:
        if applies(seen):
            return reason
    return Verdict.READABLE


class _Seen:
    """The picture at `SIDE`, and what several questions ask of it."""

    def __init__(self, picture: Image.Image, least_ink: float) -> None:
        small = picture.convert("RGB")
        small.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
        self.picture = picture
        self.least_ink = least_ink
        self.colours: Bytes = np.asarray(small)
        self.grey: Bytes = np.asarray(small.convert("L"))
        self.light = float(np.percentile(self.grey[::4, ::4], 95))

    @cached_property
    def ink(self) -> Mask:
        """Thin dark marks: what vanishes when the light around it grows and shrinks again (black top hat)."""
        closed = _over(_over(self.grey, np.maximum), np.minimum)
        return (closed.astype(np.int16) - self.grey) > max(10.0, INK * self.light)


def _is_dark(seen: _Seen) -> bool:
    return seen.light < DARK


def _is_blurred(seen: _Seen) -> bool:
    """A sharp edge makes most of its step between two pixels; of a shaken photo, only those along the way."""
    ways = ((0, 1), (1, 0), (1, 1), (1, -1))
    sharp = [share for way in ways if (share := _sharpness(seen, way)) is not None]
    return bool(sharp) and (min(sharp) < SHARP or min(sharp) < SHAKEN * max(sharp))


def _sharpness(seen: _Seen, way: tuple[int, int]) -> float | None:
    """How much of its step an edge makes between two pixels on this way; None: there are no edges."""
    lines = _along(seen.grey.astype(np.int16), way)
    least, most, step = lines[0].copy(), lines[0].copy(), np.zeros_like(lines[0])
    for before, here in pairwise(lines):
        np.minimum(least, here, out=least)
        np.maximum(most, here, out=most)
        np.maximum(step, np.abs(here - before), out=step)
    whole = most - least
    edges = whole > max(14.0, STEP * seen.light)
    if edges.mean() < 0.001:
        return None
    return float(np.percentile(step[edges] / whole[edges], 70))


def _along(grey: NDArray[np.int16], way: tuple[int, int]) -> list[NDArray[np.int16]]:
    """The picture moved by 0, 1, … `_REACH` pixels on this way: the n-th of each place lies in the n-th."""
    high, wide = grey.shape
    down, right = way
    moved = []
    for n in range(_REACH + 1):
        rows = slice(n * down, high - (_REACH - n) * down)
        begin = n * right if right >= 0 else _REACH - n
        columns = slice(begin, wide - _REACH * abs(right) + begin)
        moved.append(grey[rows, columns])
    return moved


def _is_blank(seen: _Seen) -> bool:
    return float(seen.ink.mean()) < seen.least_ink


def _has_glare(seen: _Seen) -> bool:
    """A place without any mark where every colour is as light as can be, on a page that is not all so."""
    clipped = seen.colours.min(axis=2) >= CLIPPED
    if clipped.mean() > WHITE_PAGE:
        return False
    hidden = (_tiles(clipped).mean(axis=(1, 3)) > 0.97) & (_tiles(seen.ink).mean(axis=(1, 3)) == 0)
    return GLARE[0] < float(hidden.mean()) < GLARE[1] and hidden.mean() > HIDDEN * clipped.mean()


def _is_of_a_screen(seen: _Seen) -> bool:
    """Where the page is most even, one fine pattern stands out: the screen's pixels, beating with ours."""
    grey = np.asarray(seen.picture.convert("L"), np.float32)
    window: Floats = np.outer(np.hanning(_PATCH), np.hanning(_PATCH)).astype(np.float32)
    fine = np.hypot(np.fft.fftfreq(_PATCH)[:, None], np.fft.rfftfreq(_PATCH)[None]) > 0.15
    peaks, shares = [], []
    for patch in _even_patches(grey, seen.light):
        waves = np.abs(np.fft.rfft2((patch - patch.mean()) * window))[fine] * 2 / window.sum()
        peaks.append(waves.max() / seen.light)
        shares.append(waves.max() / (np.sqrt((waves**2).mean()) + 1e-6))
    return bool(peaks) and float(np.median(shares)) > GRID and float(np.median(peaks)) > GRID_SEEN


def _even_patches(grey: Floats, light: float) -> list[Floats]:
    """The quarter with the least writing of the bright patches of the picture, nine by nine."""
    high, wide = grey.shape
    found = []
    for top in np.linspace(0, high - _PATCH, 9).astype(int):
        for left in np.linspace(0, wide - _PATCH, 9).astype(int):
            patch = grey[top : top + _PATCH, left : left + _PATCH]
            coarse = patch.reshape(_PATCH // 8, 8, _PATCH // 8, 8).mean(axis=(1, 3))
            if coarse.mean() > 0.55 * light:
                found.append((float(coarse.std()), patch))
    found.sort(key=lambda one: one[0])
    return [patch for _, patch in found[: max(6, len(found) // 4)]]


def _is_cut(seen: _Seen) -> bool:
    """On one side paper runs out of the picture, with writing on it, and on the side opposite it does not.

    Or it does on one side alone.  A table of the paper's colour hides both.
    """
    paper = _paper(seen)
    if paper is None:
        return False
    shares = [float(side.mean()) for side in _sides(paper, 2)]
    *others, most = sorted(shares)
    if most >= ALL_OUT[0] and max(others) <= ALL_OUT[1]:
        return True
    marks = [_marks(side) for side in _sides(seen.ink, _EDGE)]
    pairs = ((0, 1), (1, 0), (2, 3), (3, 2))
    return any(
        shares[one] >= RUNS_OUT[0]
        and shares[opposite] <= RUNS_OUT[1]
        and marks[one] >= max(MARKS_OUT[0], marks[opposite] + MARKS_OUT[1])
        for one, opposite in pairs
    )


def _paper(seen: _Seen) -> Mask | None:
    """Which fields of eight by eight pixels have the colour of what is written on; None: nothing is."""
    ink = _tiles(seen.ink, 8).mean(axis=(1, 3))
    high, wide = ink.shape
    fields = seen.colours[: high * 8, : wide * 8].reshape(high, 8, wide, 8, 3).transpose(0, 2, 1, 3, 4)
    light = np.percentile(fields.reshape(high, wide, 64, 3), 75, axis=2)
    written = (ink > 0.05) & (ink < 0.6)
    for outer in (np.s_[: high // 8], np.s_[-(high // 8) :], np.s_[:, : wide // 8], np.s_[:, -(wide // 8) :]):
        written[outer] = False
    if written.sum() < 8:
        return None
    colour = np.median(light[written], axis=0)
    return np.asarray(np.abs(light - colour).max(axis=2) < 0.16 * seen.light)


def _sides(mask: Mask, depth: int) -> Sequence[Mask]:
    """Top, bottom, left, right: whether there is any of it within ``depth`` of the side, along the side."""
    along = (mask[:depth], 0), (mask[-depth:], 0), (mask[:, :depth], 1), (mask[:, -depth:], 1)
    return [np.asarray(strip.any(axis=axis)) for strip, axis in along]


def _marks(side: Mask) -> int:
    """How many short pieces of ink lie along a side."""
    changes = np.diff(np.concatenate([[0], side.astype(np.int8), [0]]))
    lengths = np.flatnonzero(changes == -1) - np.flatnonzero(changes == 1)
    return int((lengths <= _LONGEST_MARK).sum())


def _over(grey: Bytes, choose: np.ufunc) -> Bytes:
    """Each pixel becomes what is chosen of the `_REACH` pixels around it, along and across."""
    for axis in (0, 1):
        beyond = [(0, 0), (0, 0)]
        beyond[axis] = (_REACH // 2, _REACH // 2)
        padded, length = np.pad(grey, beyond, mode="edge"), grey.shape[axis]
        chosen = (padded[:length] if axis == 0 else padded[:, :length]).copy()
        for n in range(1, _REACH):
            piece = padded[n : n + length] if axis == 0 else padded[:, n : n + length]
            choose(chosen, piece, out=chosen)
        grey = chosen
    return grey


def _tiles(mask: Mask, side: int = _TILE) -> NDArray[Any]:
    """The mask by tiles: (row, within, column, within); what is left over at the end is left out."""
    high, wide = mask.shape[0] // side, mask.shape[1] // side
    return mask[: high * side, : wide * side].reshape(high, side, wide, side)


_Question = tuple[Verdict, Callable[[_Seen], bool]]
_DRAWN: Final[Sequence[_Question]] = (
    (Verdict.DARK, _is_dark),
    (Verdict.BLURRED, _is_blurred),
    (Verdict.BLANK, _is_blank),
)
_PHOTOGRAPHED: Final[Sequence[_Question]] = (
    (Verdict.DARK, _is_dark),
    (Verdict.SCREEN, _is_of_a_screen),
    (Verdict.BLURRED, _is_blurred),
    (Verdict.BLANK, _is_blank),
    (Verdict.GLARE, _has_glare),
    (Verdict.CUT, _is_cut),
)
