"""What the buttons of a village head's chat carry: numbers, looked up anew when they are tapped."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.citizen.taps import RowId


class ListDeed(StrEnum):
    """What to do with a list that was checked."""

    ACCEPT = "accept"
    CANCEL = "cancel"
    REPORT = "report"


class ListTap(CallbackData, prefix="village"):
    """``number``: the list's, as `office.batch_choices.choices` writes it."""

    deed: ListDeed
    number: RowId


class EmptyListTap(CallbackData, prefix="village-list"):
    """A list to fill in."""


class DraftTap(CallbackData, prefix="usul"):
    """Go on with this draft."""

    request: RowId
