"""The cookie that makes a browser profile a person."""

import hashlib
import re
import secrets

from aiohttp import web

NAME = "loket_chat"
_YEAR = 365 * 24 * 3600  # seconds
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, URL-safe, without padding


def new() -> str:
    return secrets.token_urlsafe(32)


def name(*, secure: bool) -> str:
    """Over HTTPS a name that a browser takes from this host alone: no neighbour's page can plant a person."""
    return f"__Host-{NAME}" if secure else NAME


def read(request: web.Request, *, secure: bool) -> str | None:
    """The cookie as it was sent, or None where there is none that we could have made."""
    value = request.cookies.get(name(secure=secure), "")
    return value if _SHAPE.fullmatch(value) else None


def session_of(cookie: str) -> str:
    """What we keep of a cookie: its SHA-256, 64 hex digits.  The cookie itself stays with the browser."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def set_on(response: web.StreamResponse, cookie: str, *, secure: bool) -> None:
    response.set_cookie(
        name(secure=secure),
        cookie,
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=secure,
    )
