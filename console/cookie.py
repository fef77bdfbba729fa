"""The cookie of a browser that is signed in.  It ends with the browser; we keep its SHA-256."""

import re
from typing import Final

from aiohttp import web

from office.context import office

_NAME: Final = "loket"
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, URL-safe, without padding


def read(request: web.Request) -> str | None:
    """The token as it was sent, or None where there is none that we could have made."""
    value = request.cookies.get(_name(), "")
    return value if _SHAPE.fullmatch(value) else None


def set_on(answer: web.StreamResponse, token: str) -> None:
    answer.set_cookie(_name(), token, path="/", httponly=True, samesite="Strict", secure=_secure())


def drop_from(answer: web.StreamResponse) -> None:
    answer.del_cookie(_name(), path="/", httponly=True, samesite="Strict", secure=_secure())


def _name() -> str:
    """Over HTTPS one that a browser takes from this host alone."""
    return f"__Host-{_NAME}" if _secure() else _NAME


def _secure() -> bool:
    """Over plain HTTP, on the machine itself, not every browser keeps a cookie that says Secure."""
    return (office().public_url or "").startswith("https://")
