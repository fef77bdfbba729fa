"""What a picture looks like, in 64 bits: the same picture saved anew differs in few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # our side compares looks, and decodes nothing
    from PIL.Image import Image

ALIKE: Final = 3  # bits; see `benchmarks.readability` for how many pairs of different papers come so near
_SIDE: Final = 8


def looks_of(picture: Image) -> str:
    """Sixteen hexadecimal digits.  A bit says whether it grows darker from one of 9 x 8 fields to the next.

    Source: N. Krawetz, "Kind of Like That" (dHash), 2013.
    """
    fields = list(picture.convert("L").resize((_SIDE + 1, _SIDE)).tobytes())
    bits = 0
    for row in range(_SIDE):
        begin = row * (_SIDE + 1)
        for left, right in zip(
            fields[begin : begin + _SIDE], fields[begin + 1 : begin + _SIDE + 1], strict=True
        ):
            bits = bits << 1 | (left > right)
    return f"{bits:016x}"


def alike(one: str | None, other: str | None) -> bool:
    """Whether two pictures are most likely the same one; False where one of them was not read."""
    if one is None or other is None:
        return False
    return (int(one, 16) ^ int(other, 16)).bit_count() <= ALIKE
