"""Secrets that may be two for a while: the old one and the new, separated by a comma."""

import hashlib
import hmac

from pydantic import SecretStr


def secrets_in(setting: SecretStr) -> tuple[bytes, ...]:
    """Every secret of the setting, the current one first.  Never empty strings."""
    return tuple(part.encode() for part in map(str.strip, setting.get_secret_value().split(",")) if part)


def is_one_of(given: str | None, setting: SecretStr) -> bool:
    """Whether the given words are one of the secrets.  Compares bytes, in constant time."""
    told = (given or "").encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(told, secret) for secret in secrets_in(setting))


def is_signed(raw: bytes, given: str | None, setting: SecretStr) -> bool:
    """Whether ``given`` is the HMAC-SHA256 of ``raw`` in hexadecimal, by one of the secrets."""
    told = (given or "").lower().encode("utf-8", "surrogatepass")
    signed = (hmac.new(secret, raw, hashlib.sha256).hexdigest() for secret in secrets_in(setting))
    return any(hmac.compare_digest(told, digest.encode()) for digest in signed)
