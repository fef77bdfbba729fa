"""New browsers from one address: a cookie costs nothing, so who throws it away is a new person each time."""

from collections.abc import Callable

from aiohttp import web

from bot.allowance import Allowance
from bot.callers import Callers
from bot.channels.base import Body
from models.sealing.held import ring

_DIGITS = 12  # of an index: enough to tell the networks of one hour apart


class Newcomers:
    """``callers``: None where one address cannot be told from another; then nobody is counted."""

    def __init__(self, callers: Callers | None, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._callers = callers
        self._allowance = Allowance(per_minute, monotonic)

    def take(self, request: web.Request) -> float:
        """0 if one more may begin here, else the seconds until one may."""
        return 0.0 if self._callers is None else self._allowance.take(self._callers.who(request))

    def near(self, request: web.Request) -> Body:
        """What is kept of the address: a blind index, by which wrong guesses of one network are counted."""
        if self._callers is None:
            return {}
        return {"near": ring().index("near", self._callers.who(request))[:_DIGITS]}
