"""What the one-time pages have in common: the frame around their words, and the office they speak for."""

import html
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import web

from office.context import OfficeContext, at_office, office
from office.words import language, plain

Answer = TypeVar("Answer", bound=web.StreamResponse)

_FRAME: Final = (Path(__file__).parent / "frame.html").read_text(encoding="utf-8")


def at(
    here: OfficeContext, answer: Callable[[web.Request], Awaitable[Answer]]
) -> Callable[[web.Request], Awaitable[Answer]]:
    """The same answer, given at this office."""

    async def answer_there(request: web.Request) -> Answer:
        with at_office(here.office_id):
            return await answer(request)

    return answer_there


def page(title: str, body: str, status: int = 200) -> web.Response:
    """``title``: the name of a sentence; ``body``: HTML."""
    text = _FRAME.format(
        language=language(),
        title=html.escape(plain(title)),
        office=html.escape(office().office.short_name.in_language(language())),
        body=body,
    )
    # same-origin: under no-referrer a browser posts the form with `Origin: null`
    return web.Response(
        text=text, status=status, content_type="text/html", headers={"Referrer-Policy": "same-origin"}
    )


def note(text: str) -> str:
    """``text``: HTML."""
    return f'<p class="note" role="status">{text}</p>'
