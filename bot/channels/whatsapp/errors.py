"""What Meta's error codes ask of us: one table.

Source: Meta, WhatsApp Cloud API, "Error codes", 12 Dec 2025.  Only ``code`` is acted on: titles change, and
the HTTP status says little (throttles come as 400 or 403).  The same codes come in answers and in statuses.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.channels.base import DeliveryFailed, Fault, Throttled
from bot.channels.meta_graph import by_status
from bot.channels.shape import mapping

FAULTS: Final[Mapping[Fault, frozenset[int]]] = {
    # busy, throttled, down for a moment
    Fault.RETRY: frozenset({1, 2, 4, 613, 80007, 130429, 131000, 131016, 131056, 131057, 133004, 134101}),
    # an experiment of Meta's, enough marketing from everybody today, no marketing from us
    Fault.WAIT: frozenset({130472, 131049, 131050}),
    Fault.PAUSE: frozenset(
        {0, 3, 10, 190, *range(200, 300), 131005}  # token and permissions
        | {33, 131045, 133010}  # the number is gone or not registered
        | {368, 130497, 131031, 131048, 131064}  # policy, spam and messaging limit
        | {131042}  # payment
    ),
    # more than 24 hours since the person wrote
    Fault.TEMPLATE: frozenset({131047}),
    # unknown, paused, disabled, or its values do not fit
    Fault.TEMPLATE_FAULT: frozenset({132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069}),
    # not on WhatsApp, too old an app, or blocked us: Meta will not say which
    Fault.UNREACHABLE: frozenset({131026}),
    # our bug, or content that nobody takes
    Fault.GIVE_UP: frozenset(
        {100, 131008, 131009, 131021, 131037, 131051, 131052, 131053, 131062, 131063, 135000}
    ),
}
_FAULT_OF: Final = {code: fault for fault, codes in FAULTS.items() for code in codes}

PATIENCE: Final[Mapping[int, timedelta]] = {
    2: timedelta(minutes=5),
    131049: timedelta(hours=24),
    131056: timedelta(seconds=4),  # this person only; and four times as long at each further try
    131057: timedelta(minutes=1),  # the number is being moved to a higher throughput
    132015: timedelta(hours=3),  # a template pauses for three hours, then for six; Meta, "Template quality"
}
BACKOFF: Final[Mapping[int, float]] = {131056: 4.0}
THROTTLES: Final[Mapping[int, Throttled]] = {
    4: Throttled.ACCOUNT,
    613: Throttled.ACCOUNT,
    80007: Throttled.ACCOUNT,
    130429: Throttled.ACCOUNT,
    131056: Throttled.PERSON,
    131057: Throttled.ACCOUNT,
}
MAYBE: Final = frozenset({131026})  # perhaps chance: the address is given up when it comes on another day
GONE: Final = 33  # as a subcode of 100: the object does not exist


def is_known(code: object) -> bool:
    """Whether the code stands in the table."""
    return isinstance(code, int) and not isinstance(code, bool) and code in _FAULT_OF


def by_code(code: object, *, status: int = 400, retry_after: timedelta | None = None) -> DeliveryFailed:
    """The failure behind Meta's ``code``.  A code that we do not know is judged by the HTTP status."""
    number = code if isinstance(code, int) and not isinstance(code, bool) else None
    if number is None:
        return DeliveryFailed(_otherwise(status), "no_code", retry_after=retry_after)
    return DeliveryFailed(
        _FAULT_OF.get(number) or _otherwise(status),
        str(number)[:20],
        retry_after=retry_after or PATIENCE.get(number),
        backoff=BACKOFF.get(number, 1.0),
        certain=number not in MAYBE,
        throttled=THROTTLES.get(number),
    )


def _otherwise(status: int) -> Fault:
    return Fault.RETRY if status == 429 or status >= 500 else Fault.GIVE_UP


def by_answer(status: int, answer: Any, *, retry_after: timedelta | None = None) -> DeliveryFailed | None:
    """The failure in Meta's answer (parsed JSON, or None where it was none); None if it was taken."""
    error = mapping(answer).get("error")
    if error is not None:
        code, subcode = mapping(error).get("code"), mapping(error).get("error_subcode")
        gone = code == 100 and subcode == GONE
        return by_code(GONE if gone else code, status=status, retry_after=retry_after)
    return by_status(status, retry_after=retry_after)
