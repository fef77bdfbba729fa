"""What the WhatsApp Cloud API gives and forbids."""

from datetime import timedelta
from typing import Final

from bot.channels.base import Caps

TEXT_LIMIT: Final = 4096  # characters of a text or of the body of a list; Meta, "Text messages"
CAPTION_LIMIT: Final = 1024  # also the body of reply buttons, of a form and of a question
MAX_BUTTONS: Final = 3  # Meta, "Interactive reply buttons messages"
MAX_BUTTON_LABEL: Final = 20
MAX_ROWS: Final = 10  # Meta, "Interactive list messages": in all sections together
MAX_ROW_TITLE: Final = 24
MAX_ROW_DESCRIPTION: Final = 72
MAX_PHOTO: Final = 5 * 1024 * 1024  # bytes; Meta, "Media"
MAX_STICKER: Final = 100 * 1024
MAX_ANIMATED_STICKER: Final = 500 * 1024

CAPS: Final = Caps(
    file_prefix="wa",
    window=timedelta(hours=24),  # Meta, "Send messages", read 2026-11
    per_second=80.0,  # Meta, "Throughput": messages a second and number …
    counts_incoming=True,  # … coming in and going out together
    per_person=1 / 6,  # Meta, "Throughput": pair rate, 1 message in 6 s …
    person_burst=40,  # … of which 45 may be borrowed; five are left for clocks that differ
    text_limit=TEXT_LIMIT,
    caption_limit=CAPTION_LIMIT,
    buttons=MAX_BUTTONS,
    rows=MAX_ROWS,
    media=frozenset({"photo", "document", "video", "audio", "voice", "sticker"}),
    receipts=True,
)
