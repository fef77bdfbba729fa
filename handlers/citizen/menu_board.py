"""The main menu as it is shown.  Its numbers are those typed by people who were never shown buttons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from handlers.citizen.taps import Item, MenuTap, keyboard
from office import times
from office.context import office
from office.words import language, plain, say

NUMBERED: Final[Mapping[str, Item]] = {
    "1": Item.APPLY,
    "2": Item.STATUS,
    "3": Item.NEEDS,
    "4": Item.HOURS,
    "5": Item.COMPLAINT,
    "0": Item.PERSON,
}


def menu_text(now: datetime) -> str:
    return say(
        "citizen-menu",
        part_of_day=times.part_of_day(now),
        office=office().office.short_name.in_language(language()),
    )


def menu_keyboard() -> InlineKeyboardMarkup:
    """The lines of the menu in the order of their numbers; the person comes last."""
    return keyboard(
        *((plain(f"citizen-item-{item.value}"), MenuTap(item=item)) for item in NUMBERED.values())
    )
