"""What the web chat gives: it is ours, so nearly everything."""

from typing import Final

from bot.channels.base import Caps

CAPS: Final = Caps(
    file_prefix="wc",
    edits=True,
    idempotent=True,
    per_second=1_000.0,
    per_person=20.0,
    person_burst=100,
    buttons=100,
    rows=100,
    media=frozenset({"photo", "document", "video", "audio", "voice", "sticker"}),
    receipts=False,
    rings=False,
    signed=False,  # a cookie of our own and a page of our own: see `headers.from_our_page`
)

TEXT_LIMIT: Final = 4096  # characters of a text that handlers see, as on every channel
CAPTION_LIMIT: Final = 1024
LABEL_LIMIT: Final = 128  # characters of a tapped label that are kept
MAX_FILE: Final = 15 * 1024 * 1024  # bytes
MAX_JSON: Final = 64 * 1024  # bytes of a text message's body: our own page sends at most 25 kB
