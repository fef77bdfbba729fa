"""Server-sent events: every line as it comes, and as it changes."""

import json
from typing import Final

from aiohttp import web

from bot.bell import Bell, Rung, TooManyListeners
from bot.channels.webchat.reader import AWAY, News, Reader
from bot.history import START, Cursor

HEARTBEAT: Final = 15.0  # seconds between looks when no bell rings; also what keeps proxies from hanging up
_RETRY: Final = b"retry: 3000\n\n"  # milliseconds that a browser waits before it comes again


async def follow(
    request: web.Request, reader: Reader, bell: Bell, session: str, cursor: Cursor | None
) -> web.StreamResponse:
    """Write until the browser leaves.

    Shape: ``event: line`` with one line; ``event: toast`` with words that answer a tap; ``event: again``
    where more was missed than a stream should carry: the page reads the history anew.  ``id`` is the cursor
    to resume from.  A line may come once more after a broken connection, never unchanged within one.
    """
    try:
        with bell.listen(session) as rung:
            news = await reader.news(session, cursor or START)
            response = web.StreamResponse(
                headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
            )
            await response.prepare(request)
            await _tell(response, reader, rung, session, news)
            return response
    except TooManyListeners:
        return web.json_response({"error": "too_many"}, status=429)


async def _tell(response: web.StreamResponse, reader: Reader, rung: Rung, session: str, news: News) -> None:
    shown: dict[str, int] = {}
    try:
        await response.write(_RETRY)
        while True:
            await response.write(_events(news, shown) or b": \n\n")
            if news.too_much:
                return
            await rung.wait(HEARTBEAT)
            if rung.over:
                return
            news = await reader.news(session, news.cursor)
    except AWAY:  # the browser has left, or the database: it comes again by itself, from where it was
        return


def _events(news: News, shown: dict[str, int]) -> bytes:
    """What this connection has not been shown yet.  ``shown``: by id, a hash of the line as last written.

    Only the last event moves the browser's cursor: one that breaks off before it begins again at the first.
    """
    if news.too_much:
        return b"event: again\ndata: {}\n\n"
    fresh: list[str] = []
    for line in news.lines:
        data = json.dumps(line, ensure_ascii=False, sort_keys=True)
        if shown.get(line["id"]) != hash(data):
            shown[line["id"]] = hash(data)
            kind = "toast" if "toast" in line else "line"
            fresh.append(f"event: {kind}\ndata: {data}\n\n")
    if fresh:
        fresh[-1] = f"id: {news.cursor}\n{fresh[-1]}"
    return "".join(fresh).encode()
