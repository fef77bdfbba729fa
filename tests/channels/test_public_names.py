"""A name of Meta's that leads into our own network leads nowhere, also where it led elsewhere before."""

import socket
from collections.abc import Sequence

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.channels.base import MediaGone, MediaRef, MediaUnreachable
from bot.channels.messenger import media
from bot.channels.public_names import PublicNames, is_public

PUBLIC = "157.240.13.35"
LINK = "https://lookaside.fbsbx.com/x"


class Names(AbstractResolver):
    """Gives one answer after the other, whatever is asked for."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in self.answers.pop(0)
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is open."""


async def called(link: str, *answers: Sequence[str]) -> tuple[list[str], list[str]]:
    """A file is asked for as often as there are answers: whom it would have called, and what became of it.

    Nobody is called: the socket is not made.
    """
    whom: list[str] = []
    ends: list[str] = []

    def no_socket(info: aiohttp.AddrInfoType) -> socket.socket:
        whom.append(info[4][0])
        raise OSError("nobody is called")

    names = PublicNames(Names(*answers))
    connector = aiohttp.TCPConnector(resolver=names, use_dns_cache=False, socket_factory=no_socket)
    async with aiohttp.ClientSession(connector=connector) as http:
        for _ in answers:
            try:
                await media.fetch(http, MediaRef(external_id=link), 1, api_base="https://graph.facebook.com")
            except MediaGone as gone:
                ends.append(gone.problem)
            except MediaUnreachable as away:
                ends.append(str(away))
    return whom, ends


async def test_only_who_was_looked_at_is_called() -> None:
    """The name leads elsewhere from one question to the next: each is asked once, and its answer judged."""
    assert await called(LINK, [PUBLIC], ["127.0.0.1"], [PUBLIC, "10.0.0.1"], [PUBLIC]) == (
        [PUBLIC, PUBLIC],
        ["no_answer", "foreign_host", "foreign_host", "no_answer"],
    )


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1",
     "::", "fe80::1", "fe80::1%eth0", "fc00::1",
     "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
)  # fmt: skip
def test_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2a03:2880:f10c:83:face:b00c:0:25de", "64:ff9b::9df0:d23"])
def test_of_the_internet(address: str) -> None:
    assert is_public(address)


async def test_what_an_operator_names_may_stand_beside_us() -> None:
    found = await PublicNames(Names(["10.0.0.7"])).resolve("bot-api.kantor.internal", 8081)
    assert [one["host"] for one in found] == ["10.0.0.7"]
