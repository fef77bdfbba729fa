"""Who calls: the address behind a request, and how much one address may send.

Behind a proxy every call comes from the proxy.  Who it came from stands in ``X-Forwarded-For``, which anybody
may write: it is believed only of proxies that the installation names, and only as far as they wrote it.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.allowance import Allowance

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOUSEHOLD: Final = 64  # bits of an IPv6 address that a provider gives to one line
FORWARDED: Final = "X-Forwarded-For"


def networks(listed: str) -> tuple[Network, ...]:
    """``127.0.0.1, 10.0.0.0/8`` as networks.  Raises: ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in listed.split(",") if one.strip())


class Callers:
    """``proxies``: whose word on the caller is believed."""

    def __init__(self, proxies: Sequence[Network] = ()) -> None:
        self._proxies = tuple(proxies)

    def who(self, request: web.Request) -> str:
        """The caller's address, of IPv6 its /64; empty where there is none (a socket file)."""
        peer = _address(request.remote or "")
        if peer is None:
            return ""
        told = [_address(one) for line in request.headers.getall(FORWARDED, ()) for one in line.split(",")]
        while self._is_proxy(peer) and told:
            before = told.pop()
            if before is None:
                break  # not written by a proxy of ours
            peer = before
        return _household(peer)

    def _is_proxy(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in network for network in self._proxies)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _household(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _HOUSEHOLD), strict=False))


@dataclass(frozen=True, slots=True)
class Rule:
    """``method`` calls under ``prefix`` take from ``allowance``; who has none is told by ``refuse``.

    ``refuse`` is given the whole seconds after which to come again.
    """

    method: str
    prefix: str
    allowance: Allowance
    refuse: Callable[[web.Request, int], web.Response]


def limited(callers: Callers, rules: Sequence[Rule]) -> Middleware:
    """A middleware that answers 429 beyond a rule, before anything of the body is read.

    The first rule that fits decides.  Whoever sent it keeps it and sends it again: nothing is lost by a no.
    """

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        rule = next(
            (one for one in rules if one.method == request.method and request.path.startswith(one.prefix)),
            None,
        )
        if rule is not None and (wait := rule.allowance.take(callers.who(request))):
            seconds = math.ceil(wait)
            refusal = rule.refuse(request, seconds)
            refusal.headers["Retry-After"] = str(seconds)
            return refusal
        return await handler(request)

    return limit
