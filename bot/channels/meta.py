"""What Meta's channels have in common: the door with its signature and handshake, and their numbers.

Source: Meta, "Webhooks: create endpoint", read 2026-11.
"""

import hashlib
import hmac
from collections.abc import Sequence

from aiohttp import web
from pydantic import SecretStr

from bot.channels.base import Accept, ChannelAdapter
from bot.channels.rotation import is_one_of, secrets_in

SIGNATURE = "X-Hub-Signature-256"  # the older X-Hub-Signature is SHA-1 and is not looked at
_SCHEME = b"sha256="


def is_genuine(raw: bytes, header: str | None, app_secret: SecretStr) -> bool:
    """Whether one of our app secrets signed exactly these bytes.

    Shape: ``sha256=`` and 64 hexadecimal digits.  Anything else, non-ASCII included, is not genuine.
    """
    given = (header or "").encode("utf-8", "surrogatepass")
    signed = (hmac.new(secret, raw, hashlib.sha256).hexdigest() for secret in secrets_in(app_secret))
    return any(hmac.compare_digest(given, _SCHEME + digest.encode()) for digest in signed)


def app_of(app_secret: SecretStr) -> str:
    """The same for all accounts that one app of Meta's posts about; see `HasApp`."""
    return hashlib.sha256(b"app:" + app_secret.get_secret_value().encode()).hexdigest()


def handshake(request: web.Request, verify_token: SecretStr) -> web.Response:
    """The answer to Meta's ``GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…``.

    The challenge goes back only if it is nothing but digits, so that nobody can have us say words.
    """
    challenge = request.query.get("hub.challenge", "")
    asked = request.query.get("hub.mode") == "subscribe"
    digits = challenge.isascii() and challenge.isdigit()
    if asked and digits and is_one_of(request.query.get("hub.verify_token"), verify_token):
        return web.Response(text=challenge, content_type="text/plain")
    return web.Response(status=403)


def doors(
    path: str, adapter: ChannelAdapter, accept: Accept, *, app_secret: SecretStr, verify_token: SecretStr
) -> Sequence[web.AbstractRouteDef]:
    """Where Meta asks whether we are who we say, and where it posts what it signed."""

    async def subscribe(request: web.Request) -> web.Response:
        return handshake(request, verify_token)

    async def receive(request: web.Request) -> web.Response:
        raw = await request.read()
        if not is_genuine(raw, request.headers.get(SIGNATURE), app_secret):
            return web.Response(status=401)
        return await accept(adapter, raw)

    return [web.get(path, subscribe), web.post(path, receive)]


def bot_id(node: str) -> int:
    """Meta's number for a phone or a Page where it fits below 2**53, else a steady number made from it."""
    if node.isascii() and node.isdigit() and 0 < int(node) < 2**53:
        return int(node)
    return int.from_bytes(hashlib.sha256(node.encode()).digest()[:6])
