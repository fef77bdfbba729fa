"""A file that a browser keeps instead of showing it."""

import asyncio
from typing import IO, Final

from aiohttp import web

_CHUNK: Final = 256 * 1024  # bytes


async def sent(request: web.Request, file: IO[bytes], name: str, content_type: str) -> web.StreamResponse:
    """All of ``file``, a piece at a time.  ``name``: of ours, in ASCII."""
    size = file.seek(0, 2)
    file.seek(0)
    answer = web.StreamResponse(
        headers={
            "Content-Type": content_type,
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
    )
    await answer.prepare(request)
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        await answer.write(chunk)
    await answer.write_eof()
    return answer
