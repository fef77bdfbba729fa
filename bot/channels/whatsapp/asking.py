"""Keys of a reply keyboard that ask for a place or a number: WhatsApp has buttons of its own for that."""

from typing import Final, Literal

from aiogram.types import ReplyKeyboardMarkup

Question = Literal["location_request_message", "request_contact_info"]

ACTIONS: Final[dict[Question, str]] = {
    # kind of message → the name of its only action; Meta, "Location request messages", "Business-scoped user
    # IDs: requesting phone numbers"
    "location_request_message": "send_location",
    "request_contact_info": "request_contact_info",
}


def asked(reply_markup: object) -> Question | None:
    """What the first such key of a keyboard asks for; WhatsApp shows one question a message."""
    if not isinstance(reply_markup, ReplyKeyboardMarkup):
        return None
    for button in (button for row in reply_markup.keyboard for button in row):
        if button.request_location:
            return "location_request_message"
        if button.request_contact:
            return "request_contact_info"
    return None
