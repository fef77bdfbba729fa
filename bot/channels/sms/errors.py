"""What the gateway's HTTP status asks of us.  An id that it has already (409) is no fault."""

from collections.abc import Mapping
from typing import Final

from bot.channels.base import Fault

FAULTS: Final[Mapping[Fault, frozenset[int]]] = {
    Fault.RETRY: frozenset({408, 429, 500, 502, 503, 504}),
    Fault.PAUSE: frozenset({401, 403, 404}),  # the password, or the address of the API
    Fault.GIVE_UP: frozenset({400}),  # not a number that it can write to; so is any other status
}
