"""One path, several offices: who is meant stands in the address that was called."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DEFAULT_PORTS = {"https": 443, "http": 80}


def host_of(url: str) -> str:
    """What a browser calls ``Host`` when it opens ``url``: in small letters, without the usual port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    usual = parts.port in (None, _DEFAULT_PORTS.get(parts.scheme))
    return host if usual else f"{host}:{parts.port}"


class ByHost:
    """Routes of several houses.  A call for a host that no house has is for the house that came first."""

    def __init__(self) -> None:
        self._houses: dict[tuple[str, str], dict[str, Handler]] = {}

    def add(self, host: str, routes: Iterable[web.AbstractRouteDef]) -> None:
        """The routes of the house at ``host``.  Raises: ValueError where a path of it is taken."""
        for route in routes:
            assert isinstance(route, web.RouteDef)  # noqa: S101 - our channels make no others
            houses = self._houses.setdefault((route.method, route.path), {})
            if host in houses:
                raise ValueError(f"{route.method} {route.path} at {host}")
            houses[host] = route.handler

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [web.route(*place, _chosen(houses)) for place, houses in self._houses.items()]


def _chosen(houses: dict[str, Handler]) -> Handler:
    first = next(iter(houses.values()))
    if len(houses) == 1:
        return first

    async def choose(request: web.Request) -> web.StreamResponse:
        return await houses.get(request.host.lower(), first)(request)

    return choose
