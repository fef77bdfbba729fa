"""What we hold, as Messenger takes it: the kind of attachment that can carry the file.

Source: Meta, Messenger Platform, "Send a Message", 5 May 2026: pictures up to 8 MB, all else up to 25 MB.
"""

from typing import Final

from bot.channels.base import DeliveryFailed, Fault, HeldFile
from bot.channels.messenger.caps import MAX_FILE, MAX_IMAGE

PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})


def kind_for(wanted: str, held: HeldFile) -> str:
    """As wanted, or ``file`` where the type or the size does not allow it.

    Raises: DeliveryFailed (`GIVE_UP`) with ``file_empty`` or ``file_too_big``.
    """
    if not held.content:
        raise DeliveryFailed(Fault.GIVE_UP, "file_empty")
    if len(held.content) > MAX_FILE:
        raise DeliveryFailed(Fault.GIVE_UP, "file_too_big")
    mime = held.mime.partition(";")[0].strip().lower()
    if wanted != "file" and mime in PICTURES and len(held.content) <= MAX_IMAGE:
        return "image"
    return wanted if wanted in ("audio", "video") and mime.startswith(f"{wanted}/") else "file"
