"""What Meta's webhooks have in common: the signature and the subscription handshake.

Source: Meta, "Webhooks: create endpoint", read 2026-11.
"""

import hashlib
import hmac

from aiohttp import web
from pydantic import SecretStr

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
