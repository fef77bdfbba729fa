"""What is turned away before any handler looks at it: calls for another house, and bodies of another kind.

A name that somebody else's DNS gives our machine is no address of ours: a page there could speak with us as
if it were ours.  Addresses in digits belong to nobody's page; the figures may be asked for by any name.
"""

from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.metrics import TURNED_AWAY

LONGEST_PATH: Final = 4_096  # bytes; ours have a hundred, and a handshake of Meta's some three hundred
MOST_HEADERS: Final = 100
# What aiohttp's parser still reads, so that we can say what was too much; beyond it, it says 400.
LONGEST_LINE_READ: Final = 64 * 1024  # bytes
MOST_HEADERS_READ: Final = 256
_WEBHOOKS: Final = "/webhooks/"
_FOR_ANY: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_JSON: Final = frozenset({"application/json", "application/octet-stream"})  # the latter: nothing was said

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def install(app: web.Application, *, public_urls: Collection[str]) -> None:
    """In front of every handler of ``app``; ``public_urls``: where its offices are called."""
    names = frozenset((urlsplit(url).hostname or "").lower() for url in public_urls)

    @web.middleware
    async def threshold(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if len(request.raw_path) > LONGEST_PATH:
            return web.Response(status=414, text="too long")
        if len(request.raw_headers) > MOST_HEADERS:
            return web.Response(status=431, text="too many headers")
        if request.path not in _FOR_ANY and not is_ours(request.host, names):
            return web.Response(status=421, text="not here")
        if not has_a_kind(request):
            return web.Response(status=415, text="content type")
        if request.path.startswith(_WEBHOOKS) and (problem := _problem_of(request)):
            return _noted(request, web.Response(status=problem))
        try:
            return _noted(request, await handler(request))
        except web.HTTPException as refusal:
            _noted(request, refusal)
            raise

    app.middlewares.insert(0, threshold)


def _problem_of(request: web.Request) -> int | None:
    """The status by which a webhook is refused whoever signed it; None: it may go on to its door."""
    if request.method == "POST" and not _is_plain_json(request):
        return 415
    return 400 if "Trailer" in request.headers else None  # headers behind the body, where no proxy looks


def _noted(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Whoever knocks with a wrong signature is seen in the figures alone; who says too much is hung up on."""
    if answer.status == 413 and not answer.prepared:
        answer.force_close()
    known = request.match_info.route.resource is not None
    if known and request.path.startswith(_WEBHOOKS) and 400 <= answer.status < 500:
        TURNED_AWAY.labels(door=request.path.removeprefix(_WEBHOOKS), status=answer.status).inc()
    return answer


def is_ours(host: str, names: Collection[str]) -> bool:
    """Whether this `Host` calls one of ``names``, this very machine, or an address in digits."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return False
    if name in names or name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def has_a_kind(request: web.BaseRequest) -> bool:
    """Whether `Content-Type` can be read: Python's parser stumbles over some instead of refusing them."""
    try:
        return request.content_type is not None
    except Exception:  # it raises whatever comes: IndexError, ValueError, its own
        return False


def _is_plain_json(request: web.Request) -> bool:
    """JSON in UTF-8, and not packed: no platform sends anything else, and a signature is over these bytes."""
    charset = (request.charset or "utf-8").lower()
    packed = request.headers.get("Content-Encoding", "identity").lower()
    return request.content_type in _JSON and charset in ("utf-8", "utf8") and packed == "identity"
