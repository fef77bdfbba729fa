"""Whose matter something is, said to the rooms above, which this one does not know."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

AtOffice = Callable[[int], AbstractContextManager[object]]
"""What is done inside is the matter of the office of this number."""


def anywhere(_: int) -> AbstractContextManager[object]:
    """There is one office, or none at all."""
    return nullcontext()
