"""What the Messenger Platform gives a Page, and forbids it."""

from datetime import timedelta
from typing import Final

from bot.channels.base import Caps

TEXT_LIMIT: Final = 2000  # characters; Meta, "Send a Message", 5 May 2026
MAX_BUTTONS: Final = 3  # Meta, "Button template", 22 Apr 2026
BUTTON_TEXT_LIMIT: Final = 640
MAX_QUICK_REPLIES: Final = 13  # Meta, "Quick Replies"
MAX_TITLE: Final = 20  # of a button and of a quick reply
MAX_URL: Final = 2000
MAX_IMAGES: Final = 30  # of one message
MAX_IMAGE: Final = 8 * 1024 * 1024  # bytes
MAX_FILE: Final = 25 * 1024 * 1024

CAPS: Final = Caps(
    file_prefix="fb",
    window=timedelta(hours=24),  # Meta, "Policy", 28 Sep 2026
    per_second=300.0,  # Meta, "Rate Limiting", 23 Mar 2026: texts for one Page
    per_person=2.0,  # no limit is known; more than this nobody can read
    person_burst=20,
    text_limit=TEXT_LIMIT,
    caption_limit=TEXT_LIMIT,  # a caption is a text of its own
    buttons=MAX_BUTTONS,
    rows=MAX_QUICK_REPLIES,
    media=frozenset({"photo", "document", "video", "audio", "voice"}),
    receipts=True,
)
