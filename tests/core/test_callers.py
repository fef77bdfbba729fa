"""Whose call it is, and how much one address may post."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.allowance import Allowance
from bot.callers import Callers, Rule, limited, networks

PROXIES = networks("10.0.0.0/8, 2001:db8:ffff::1")


def call(peer: str, *forwarded: str) -> web.Request:
    headers = [("X-Forwarded-For", line) for line in forwarded]
    made = make_mocked_request("POST", "/chat/messages", headers=_many(headers))
    return made.clone(remote=peer)


def _many(headers: list[tuple[str, str]]) -> CIMultiDict[str]:
    return CIMultiDict(headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("198.51.100.7", (), "198.51.100.7"),
        ("198.51.100.7", ("203.0.113.9",), "198.51.100.7"),  # nobody's proxy: what it says is nothing
        ("10.0.0.2", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.2", ("1.2.3.4, 203.0.113.9",), "203.0.113.9"),  # the left one the caller wrote
        ("10.0.0.2", ("1.2.3.4", "203.0.113.9"), "203.0.113.9"),
        ("10.0.0.2", ("203.0.113.9, 10.1.1.1",), "203.0.113.9"),  # by way of two of ours
        ("10.0.0.2", ("abc",), "10.0.0.2"),
        ("10.0.0.2", ("203.0.113.9, abc",), "10.0.0.2"),
        ("10.0.0.2", (), "10.0.0.2"),
        ("::ffff:198.51.100.7", (), "198.51.100.7"),
        ("2001:db8:ffff::1", ("2001:db8:1:2:a::5",), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:b::6", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("", (), ""),
    ],
)
def test_who_calls(peer: str, forwarded: tuple[str, ...], who: str) -> None:
    assert Callers(PROXIES).who(call(peer, *forwarded)) == who


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=80))
def test_no_header_makes_a_stranger_somebody_else(said: str) -> None:
    assert Callers(PROXIES).who(call("198.51.100.7", said)) == "198.51.100.7"


@pytest.mark.parametrize("wrong", ["10.0.0.0/33", "proxy", "10.0.0.1/8"])
def test_what_is_no_network_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        networks(wrong)


async def test_an_address_beyond_its_allowance_is_told_when_to_come_again() -> None:
    now = [0.0]
    read: list[int] = []

    async def take(request: web.Request) -> web.Response:
        read.append(len(await request.read()))
        return web.Response()

    def wait(_: web.Request, seconds: int) -> web.Response:
        return web.Response(status=429, text=str(seconds))

    rule = Rule("POST", "/f/", Allowance(2, lambda: now[0]), wait)
    app = web.Application(middlewares=[limited(Callers(networks("127.0.0.1")), [rule])])
    app.router.add_route("*", "/{rest:.*}", take)
    async with TestClient(TestServer(app)) as client:

        async def status(method: str = "POST", path: str = "/f/x", sender: str = "203.0.113.9") -> int:
            sent = {"X-Forwarded-For": sender}
            async with client.request(method, path, headers=sent, data=b"NIK") as answer:
                if answer.status == 429:
                    assert answer.headers["Retry-After"] == await answer.text() == "30"
                return answer.status

        assert [await status() for _ in range(3)] == [200, 200, 429]
        assert await status(sender="203.0.113.10") == 200
        assert [await status(path="/chat/x"), await status("PATCH"), await status("GET")] == [200, 200, 200]
        assert len(read) == 6
        now[0] = 30.0
        assert [await status() for _ in range(2)] == [200, 429]
