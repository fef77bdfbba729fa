"""A form that a browser posts with one file in it, read as it comes in and no further than it may be."""

from dataclasses import dataclass
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.channels.shape import clean

MOST_FIELDS: Final = 10
_FIELD_LIMIT: Final = 16 * 1024  # bytes of a form field that is no file
_CHUNK: Final = 64 * 1024


class NotAForm(Exception):
    """The body is no form, or one of too many fields."""


class FormTooBig(Exception):
    """The file, or a field, is larger than may be."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """``mime`` and ``name`` are the sender's claims."""

    content: bytes
    mime: str
    name: str | None


async def read_form(request: web.Request, largest: int) -> tuple[dict[str, str], SentFile | None]:
    """The fields, and what stands under ``file``, of at most ``largest`` bytes.

    Raises: NotAForm, FormTooBig.
    """
    fields: dict[str, str] = {}
    sent = None
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise NotAForm
            if part.name == "file" and sent is None:
                mime = clean(part.headers.get("Content-Type", ""))[:100] or "application/octet-stream"
                name = clean(part.filename or "").replace("%22", '"')[:255] or None  # as browsers escape it
                sent = SentFile(await _whole(part, largest), mime, name)
            else:
                words = await _whole(part, _FIELD_LIMIT)
                fields[part.name or ""] = words.decode("utf-8", "replace")
            if len(fields) > MOST_FIELDS:
                raise NotAForm
    except (ValueError, LookupError, HttpProcessingError, web.HTTPException) as error:
        raise NotAForm from error
    return fields, sent


async def _whole(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise FormTooBig
    return bytes(content)
