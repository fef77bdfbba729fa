"""What the Telegram Bot API gives and forbids."""

from typing import Final

from bot.channels.base import Caps

ADDRESS: Final = "telegram"  # kind of address: the id of a chat; a private chat's is the person's
TEXT_LIMIT: Final = 4096  # characters after the markup is read; Telegram, "sendMessage"
CAPTION_LIMIT: Final = 1024

CAPS: Final = Caps(
    file_prefix="tg",
    edits=True,
    own_keyboards=True,
    own_chat_ids=ADDRESS,
    per_second=28.0,  # Telegram, "Bots FAQ": about 30 messages per second
    per_person=1.0,  # … and one per second in one chat, short bursts apart
    person_burst=3,
    buttons=100,  # Telegram gives no number; beyond a hundred its servers refuse
    rows=100,
    text_limit=TEXT_LIMIT,
    caption_limit=CAPTION_LIMIT,
    media=frozenset({"photo", "document", "video", "audio", "voice", "sticker"}),
)

MAX_DOWNLOAD: Final = 20 * 1024 * 1024  # bytes; Telegram, "getFile"
MAX_PHOTO: Final = 10 * 1024 * 1024  # bytes; Telegram, "Sending files"
