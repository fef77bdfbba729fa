"""The frame around every page of the console: the office, the menu, who is signed in."""

from pathlib import Path
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from console.given import GIVEN, SESSION
from office import times
from office.context import office
from office.permissions import may
from office.refusal import Refusal
from office.refusal_words import refusal_text
from office.words import language, plain, say

_HERE: Final = Path(__file__).parent
_FILES: Final = {
    name: ((_HERE / name).read_bytes(), kind)
    for name, kind in (("look.css", "text/css"), ("icon.svg", "image/svg+xml"))
}


def install(app: web.Application) -> None:
    """Whatever a template shows is escaped; only our own sentences bring markup."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": _said, "plain": plain, "when": times.when}


def page(request: web.Request, template: str, *, status: int = 200, **facts: Any) -> web.Response:
    """``template`` with what it shows; the frame knows the rest."""
    session = request.get(SESSION)
    staff = session.staff if session is not None else None
    around = {
        "language": language(),
        "office": office().office.short_name.in_language(language()),
        "staff": staff,
        "here": request.path,
        "menu": [
            (f"/console{one.path}", plain(str(one.menu)))
            for one in request.app[GIVEN].menu
            if staff is not None and (one.deed is None or may(staff, one.deed))
        ],
    }
    answer = aiohttp_jinja2.render_template(template, request, around | facts, status=status)
    # under no-referrer a browser posts the form with `Origin: null`
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def unknown(request: web.Request) -> web.Response:
    """For what is not there and for what this person may not: nobody can tell them apart."""
    return page(request, "unknown.html", status=404)


async def file(request: web.Request) -> web.Response:
    content, kind = _FILES[request.path.rpartition("/")[2]]
    return web.Response(body=content, content_type=kind, charset="utf-8")


def why(refusal: Refusal | None) -> Markup:
    """The sentence of a no; empty where there is none."""
    return Markup("" if refusal is None else refusal_text(refusal))  # noqa: S704 - its facts are escaped there


def _said(name: str, /, **facts: object) -> Markup:
    return Markup(say(name, **facts))  # noqa: S704 - its facts are escaped there
