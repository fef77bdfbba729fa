"""Somebody of the staff before the console, in a browser that says where its forms come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import aiohttp
import pyotp

from models.database import transaction
from models.staff import Role, Staff
from office import console_accounts, console_sessions, staff
from tests.flows.counter import TestClock

COOKIE = "__Host-loket"
PASSWORD = "lontar tua di Oeseli"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Shown:
    status: int
    text: str
    headers: Mapping[str, str]


@dataclass
class Browser:
    """``url``: where the office is reached.  Its cookie is sent though this is no HTTPS."""

    url: str
    token: str | None = None
    address: str = ""  # as a proxy of ours would tell it
    told: dict[str, str] = field(default_factory=lambda: dict(OURS))

    async def opens(self, path: str) -> Shown:
        return await self._asks("GET", path)

    async def sends(self, path: str, **fields: str) -> Shown:
        return await self._asks("POST", path, fields)

    async def signs_in(self, name: str, code: str, password: str = PASSWORD, **more: str) -> Shown:
        return await self.sends("/console/masuk", name=name, password=password, code=code, **more)

    async def _asks(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Shown:
        headers = dict(self.told)
        if self.token is not None:
            headers["Cookie"] = f"{COOKIE}={self.token}"
        if self.address:
            headers["X-Forwarded-For"] = self.address
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(
                method, self.url + path, data=fields, headers=headers, allow_redirects=False
            ) as answer,
        ):
            given = SimpleCookie(answer.headers.get("Set-Cookie", ""))
            if COOKIE in given:
                self.token = given[COOKIE].value or None
            return Shown(answer.status, await answer.text(), dict(answer.headers))


async def a_link(name: str, role: Role, now: datetime) -> str:
    """The path of somebody new's one-time page."""

    async def add() -> str:
        member, _ = await staff.add(name, role, now)
        return await console_accounts.new_link(member, now)

    return urlsplit(await transaction(add)).path


def secret_in(page: str) -> str:
    """As the page of a link shows it."""
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found is not None, page
    return found[1].replace(" ", "")


@dataclass
class Authenticator:
    secret: str
    clock: TestClock

    def shows(self, steps: int = 0) -> str:
        """Its code now, or so many steps of half a minute from now."""
        return pyotp.TOTP(self.secret).at(self.clock() + timedelta(seconds=30 * steps))


async def enrolled(
    url: str, clock: TestClock, name: str, role: Role = Role.OPERATOR
) -> tuple[Authenticator, list[str]]:
    """Somebody new who has been through the page of their link; with their recovery codes."""
    browser, path = Browser(url), await a_link(name, role, clock())
    phone = Authenticator(secret_in((await browser.opens(path)).text), clock)
    done = await browser.sends(path, password=PASSWORD, again=PASSWORD, code=phone.shows())
    assert done.status == 200, done.text
    return phone, re.findall(r"<code>([0-9A-Z-]+)</code>", done.text)


async def signed_in(url: str, name: str, role: Role, now: datetime) -> tuple[Browser, Staff]:
    """Somebody new whose sign-in lies behind them: for tests of what comes after it."""

    async def begin() -> tuple[str, Staff]:
        village = "5314012001" if role is Role.VILLAGE_HEAD else None
        member, _ = await staff.add(name, role, now, village)
        return await console_sessions.begin(member, now), member

    token, member = await transaction(begin)
    return Browser(url, token), member
