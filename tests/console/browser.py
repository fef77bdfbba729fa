"""Somebody of the staff before the console, in a browser that says where its forms come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie

import aiohttp

from models.database import transaction
from models.staff import Role, Staff
from office import console_sessions, staff

COOKIE = "__Host-loket"
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


async def signed_in(url: str, name: str, role: Role, now: datetime) -> tuple[Browser, Staff]:
    """Somebody new whose sign-in lies behind them: for tests of what comes after it."""

    async def begin() -> tuple[str, Staff]:
        member, *_ = await staff.add(name, role, now)
        return await console_sessions.begin(member, now), member

    token, member = await transaction(begin)
    return Browser(url, token), member
