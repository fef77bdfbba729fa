"""What every answer tells a browser not to do, and who may post to us from one."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FILE_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HTTPS_ONLY: Final = "max-age=31536000; includeSubDomains"


def install(app: web.Application, *, public_url: str) -> None:
    """Set the headers on every answer of ``app``, errors and streams too; what an answer set itself stays."""
    secure = public_url.startswith("https://")

    async def harden(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.pop("Server", None)  # which versions we run on
        if secure:
            response.headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)

    app.on_response_prepare.append(harden)


def from_our_page(request: web.Request, public_url: str, *, said: bool = False) -> bool:
    """Whether a request that changes something may come from a page of ours.

    Browsers say where a request was made; what says nothing is no browser, so nobody's cookie is abused.
    ``said``: it has to say so all the same.
    Source: W3C, "Fetch Metadata Request Headers"; OWASP, "CSRF prevention", read 2026-11.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin" or (site == "none" and not said)
    origin = request.headers.get("Origin")
    if origin is None:
        return not said
    return _place(origin) in (_place(f"{request.scheme}://{request.host}"), _place(public_url))


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), parts.netloc.lower()
    except ValueError:
        return "", url
