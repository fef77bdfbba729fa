"""Fetching what people sent: an id gives a path that lives an hour, the path gives the bytes.

Source: Telegram, Bot API, "getFile".
"""

from bot.channels.base import MediaGone, MediaRef, MediaUnreachable
from bot.channels.shape import mapping, text
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.caps import MAX_DOWNLOAD
from bot.channels.telegram.errors import NoAnswer, NotSent, Refused

_DIED = 404  # the path is older than an hour


async def fetch(api: BotApi, ref: MediaRef, limit: int) -> bytes:
    """Raises: MediaGone (``too_big``, ``gone``, ``empty``), MediaUnreachable."""
    if ref.size is not None and ref.size > min(limit, MAX_DOWNLOAD):
        raise MediaGone("too_big")  # Telegram would only say no
    try:
        for _ in range(2):
            path = await _path(api, ref, limit)
            try:
                return await api.download(path, limit)
            except Refused as refused:
                if refused.status != _DIED:
                    raise
    except Refused as refused:
        raise MediaUnreachable(f"http_{refused.status}") from None
    except (NotSent, NoAnswer):
        raise MediaUnreachable("no_answer") from None
    raise MediaGone("gone")


async def _path(api: BotApi, ref: MediaRef, limit: int) -> str:
    try:
        file = mapping(await api.call("getFile", file_id=ref.external_id))
    except Refused as refused:
        if refused.status != 400:
            raise
        raise MediaGone("too_big" if "too big" in refused.words else "gone") from None
    size = file.get("file_size")
    if isinstance(size, int) and size > limit:
        raise MediaGone("too_big")
    path = text(file.get("file_path"))
    if not path:
        raise MediaGone("gone")
    return path
