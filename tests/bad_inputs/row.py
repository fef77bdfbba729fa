"""How a row of the table is written down: its number, what is sent, the outcome, and what tries it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.bad_inputs.town import Town

Deed = Callable[[Town], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    sent: str
    outcome: str
    deed: Deed


ROWS: dict[int, Row] = {}


def row(number: int, sent: str, outcome: str) -> Callable[[Deed], Deed]:
    """What is sent and what becomes of it are written as the office's design has it, shortened."""

    def noted(deed: Deed) -> Deed:
        assert number not in ROWS
        ROWS[number] = Row(number, sent, outcome, deed)
        return deed

    return noted
