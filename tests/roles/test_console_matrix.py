"""Every page of the console × every role.  Who may not is answered as where there is no page at all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from console.routes import ROUTES
from models.audit import AuditRow
from models.staff import Role
from tests.console.browser import Browser, Shown, signed_in
from tests.flows.counter import Counter, open_counter
from tests.roles.table import CONSOLE

FILLED_IN: Final = {"session": "999", "chat": "999", "key": "d1", "number": "1", "to": "warga"}


def test_every_page_stands_in_the_table() -> None:
    assert {(one.method, one.path.replace(r":\d{1,18}", "")) for one in ROUTES} == set(CONSOLE)


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(database_url, tmp_path) as opened:
        yield opened


async def asked(browser: Browser, method: str, path: str) -> Shown:
    there = f"/console{path}".format(**FILLED_IN)
    return await (browser.opens(there) if method == "GET" else browser.sends(there))


async def test_every_cell(counter: Counter) -> None:
    pages = sorted(CONSOLE, key=lambda page: page[1] == "/keluar")  # which ends the session: last
    for role in Role:
        browser, member = await signed_in(counter.url, role.value, role, counter.clock())
        none = await browser.opens("/console/tidak-ada")
        assert none.status == 404
        for method, path in pages:
            answer = await asked(browser, method, path)
            cell = CONSOLE[method, path].get(role.value)
            there = answer.headers.get("Location", "")
            assert answer.status < 500
            if cell is None:  # a village head has no console
                assert (answer.status, there.split("?")[0]) == (303, "/console/masuk"), (path, role)
            elif not cell:
                assert (answer.status, answer.text) == (404, none.text), (path, role)
                assert await AuditRow.filter(actor=f"staff:{member.id}", action="refused").exists()
            else:
                assert answer.status in (200, 303, 422), (path, role)
                assert not there.startswith("/console/masuk") or path == "/keluar", (path, role)
