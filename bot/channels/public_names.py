"""Where the names of Meta's hosts lead: to public addresses, or nowhere.

A link to a file comes from outside.  Whoever can make a name of Meta's lead to an address of our own network
would have us ask there.  aiohttp connects to the addresses that are given here and asks for no others, so a
name that leads elsewhere a moment later leads nobody astray.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult

HOSTS: Final = (".facebook.com", ".fbcdn.net", ".fbsbx.com", ".whatsapp.net")
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class NotPublic(OSError):
    """A name of Meta's leads to an address that only machines near us have."""


class PublicNames(AbstractResolver):
    """``behind`` knows where names lead: the system's resolver, if nothing else is given.

    Other names than Meta's are the operator's: a Bot API or a gateway may stand beside us.
    """

    def __init__(self, behind: AbstractResolver | None = None) -> None:
        self._behind = behind or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises: NotPublic where a single one of the addresses is not."""
        found = await self._behind.resolve(host, port, family)
        if is_metas_name(host) and not all(is_public(one["host"]) for one in found):
            raise NotPublic(host)
        return found

    async def close(self) -> None:
        await self._behind.close()


def is_metas_name(host: str) -> bool:
    return f".{host.rstrip('.').lower()}".endswith(HOSTS)


def is_public(address: str) -> bool:
    """Whether anybody on the internet means the same machine by it."""
    try:
        known = _inside(ip_address(address))
    except ValueError:  # with a zone: of this link alone
        return False
    return known.is_global and not known.is_multicast


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
