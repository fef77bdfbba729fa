"""What buttons carry, and how keyboards are made.

Callback data comes back from anywhere and at any time: every field is a closed set or a number, and the
handlers look at the request's owner and state again.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Final

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import BeforeValidator, Field

from handlers.citizen.steps import Step

MOST_ROWS: Final = 10  # of a keyboard; Meta, "Interactive list messages", the narrowest of all channels


def _digits(given: object) -> object:
    if isinstance(given, str) and not (given.isascii() and given.isdigit()):
        raise ValueError("not a number as we write it")
    return given


RowId = Annotated[int, BeforeValidator(_digits), Field(gt=0, lt=2**63)]
"""A row's id as our buttons carry it: neither ``1_0`` nor one that no database holds."""


class Item(StrEnum):
    """The lines of the main menu."""

    APPLY = "apply"
    STATUS = "status"
    NEEDS = "needs"
    HOURS = "hours"
    COMPLAINT = "complaint"
    PERSON = "person"
    HOME = "home"  # the menu itself
    NEW = "new"  # a request besides a draft that waits


class Why(StrEnum):
    """Why a service is being chosen."""

    APPLY = "apply"
    NEEDS = "needs"


class DraftDeed(StrEnum):
    """What to do with a draft that was left."""

    RESUME = "resume"
    DROP = "drop"


class LinkDeed(StrEnum):
    """What is said to joining two chats: by who typed the code, by who asked for it, or no by either."""

    AGREE = "agree"
    CONFIRM = "confirm"
    DECLINE = "decline"


class DataDeed(StrEnum):
    """What is asked to be done with one's data."""

    EXPORT = "export"
    CORRECT = "correct"
    RESTRICT = "restrict"
    ERASE = "erase"
    ERASE_SURELY = "erase-surely"  # asked and answered


class MenuTap(CallbackData, prefix="m"):
    item: Item


class GroupTap(CallbackData, prefix="g"):
    why: Why
    group: str


class ServiceTap(CallbackData, prefix="s"):
    why: Why
    service: str


class DraftTap(CallbackData, prefix="d"):
    request: RowId
    deed: DraftDeed


class StepTap(CallbackData, prefix="f"):
    """An answer to one step of the form of one request."""

    request: RowId
    step: Step
    value: str


class PaperTap(CallbackData, prefix="p"):
    """The papers that wait belong to this request."""

    request: RowId


class LinkTap(CallbackData, prefix="l"):
    """An answer to whether two chats are one person's."""

    code: RowId
    deed: LinkDeed


class DataTap(CallbackData, prefix="y"):
    """Something under ``data saya``."""

    deed: DataDeed


class AfreshTap(CallbackData, prefix="n"):
    """The number has a new owner; ``sure``: asked and answered."""

    sure: bool


class FormDone(CallbackData, prefix="form"):
    """The core's word that a one-time page was filled in: ``form:done:12``, ``form:papers:12``."""

    what: str
    request: RowId


class PaperSent(CallbackData, prefix="paper"):
    """The core's word that a file came on a one-time page: ``paper:12:kk``."""

    request: RowId
    slot: str


def keyboard(*buttons: tuple[str, CallbackData]) -> InlineKeyboardMarkup:
    """One button a row: its label and what it carries.  Callers keep to `MOST_ROWS`."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=data.pack())] for label, data in buttons
        ]
    )


def choices(request_id: int, step: Step, options: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    """The answers to a step; (label, value) each."""
    pairs: Sequence[tuple[str, CallbackData]] = [
        (label, StepTap(request=request_id, step=step, value=value)) for label, value in options
    ]
    return keyboard(*pairs)
