"""The console as an application of its own, beside what else is served at our address."""

from collections.abc import Mapping

from aiohttp import web

from bot.callers import Callers
from bot.clock import Clock
from bot.sealed_storage import SealedStorage
from console import frame
from console.given import GIVEN, Given
from console.guard import at_its_office, from_our_own_pages, in_words
from console.routes import OPEN, ROUTES
from console.signed_in import signed_in
from office.context import OfficeContext

AT = "/console"


def console(
    houses: Mapping[str, OfficeContext], clock: Clock, callers: Callers | None, storage: SealedStorage
) -> web.Application:
    """To be mounted at `AT`; see `Given` for what it is given."""
    app = web.Application(middlewares=[at_its_office, from_our_own_pages, in_words])
    app[GIVEN] = Given(
        houses, clock, callers, storage, menu=[route for route in ROUTES if route.menu is not None]
    )
    frame.install(app)
    app.add_routes(OPEN)
    for route in ROUTES:
        add = web.get if route.method == "GET" else web.post
        app.add_routes([add(route.path, signed_in(route))])
    return app
