"""What the console is given by the wiring, and what a request in it carries."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from bot.callers import Callers
from bot.clock import Clock
from bot.sealed_storage import SealedStorage
from models.console import ConsoleSession
from models.staff import Staff
from office.context import OfficeContext
from office.permissions import Deed

Answer = Callable[[web.Request, Staff], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A page for whoever is signed in and may do the deed; None: for everybody who is signed in.

    ``path``: behind `/console`.  ``proof``: a code of the second factor was given lately, else one is asked
    for.  ``menu``: the sentence that names the page in the menu; none where it does not stand there.
    """

    method: str
    path: str
    answer: Answer
    deed: Deed | None = None
    proof: bool = False
    menu: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """``houses``: where each office is called, the one for any other call first.

    ``callers``: None where nobody can tell callers apart.
    """

    houses: Mapping[str, OfficeContext]
    clock: Clock
    callers: Callers | None
    storage: SealedStorage
    menu: Sequence[Route]


GIVEN: Final = web.AppKey("given", Given)
SESSION: Final = web.RequestKey("session", ConsoleSession)


def now_of(request: web.Request) -> datetime:
    return request.app[GIVEN].clock()
