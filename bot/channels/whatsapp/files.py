"""What we hold, as WhatsApp takes it: the right kind of message, and the file made to fit.

Source: Meta, WhatsApp Cloud API, "Media: supported media types", read 2026-11.
"""

import asyncio
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from bot.channels.base import DeliveryFailed, Fault, HeldFile
from bot.channels.whatsapp import pictures

_TYPES: Final = {
    # kind of message → what it may carry; anything else travels as a document
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
}
_NAMELESS: Final = "application/octet-stream"  # what nobody recognised; a text has no mark to know it by


async def fitting(wanted: str, held: HeldFile) -> tuple[str, HeldFile]:
    """The kind of message that can carry the file, and the file, shrunk or converted where it must be.

    Raises: DeliveryFailed (``picture_unreadable``) for a picture that cannot be made to fit.
    """
    mime = held.mime.partition(";")[0].strip().lower()
    if mime.startswith("image/"):
        try:
            return await asyncio.to_thread(_picture, wanted, replace(held, mime=mime))
        except pictures.NotAPicture:
            raise DeliveryFailed(Fault.GIVE_UP, "picture_unreadable") from None
    if mime == _NAMELESS and _is_text(held.content):
        return "document", replace(held, mime="text/plain")
    return wanted if mime in _TYPES.get(wanted, ()) else "document", held


def _picture(wanted: str, held: HeldFile) -> tuple[str, HeldFile]:
    if wanted == "sticker" and held.mime == "image/webp" and pictures.fits_as_sticker(held.content):
        return "sticker", held
    kind = "document" if wanted == "document" else "image"
    if pictures.fits(held.content, held.mime):
        return kind, held
    name = f"{PurePath(held.name).stem or 'foto'}.jpg"
    return kind, HeldFile(content=pictures.as_jpeg(held.content), mime="image/jpeg", name=name)


def _is_text(content: bytes) -> bool:
    try:
        return bool(content) and "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
