"""What Meta's error codes ask of us on a Page: one table, ``code`` or ``code/subcode``.

Source: Meta, Messenger Platform, "Error codes", 18 Mar 2026; "Policy", 28 Sep 2026.  Only codes are acted on:
titles change, and an error may come with HTTP 200.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.channels.base import DeliveryFailed, Fault, Throttled
from bot.channels.meta_graph import by_status
from bot.channels.shape import mapping

FAULTS: Final[Mapping[Fault, frozenset[str]]] = {
    Fault.RETRY: frozenset({"1", "2", "4", "17", "32", "341", "613", "1200", "80006"}),  # busy, throttled
    Fault.WAIT: frozenset({"10/2018300"}),  # another app has the conversation: a human in the Page's inbox
    Fault.PAUSE: frozenset(
        {"0", "3", "10", "102", "190", "200", "294"}  # token and permissions
        | {"10/1893063", "2/2018344", "368", "2018344", "33", "100/33"}  # the Page is restricted, or gone
    ),
    Fault.TEMPLATE: frozenset(
        {"10/2018278", "10/2018065", "10/1545041"}
    ),  # more than 24 hours since the person wrote
    Fault.UNREACHABLE: frozenset(
        {"551", "100/2018001", "200/1545041"}  # not available, no such person, not receiving from us
        | {"10903", "100/2018292"}  # the comment cannot be answered: too old, or gone
    ),
    Fault.GIVE_UP: frozenset(
        {"100", "105", "10900"}
    ),  # our bug, content that is not taken, a comment that was answered before
}
_FAULT_OF: Final = {code: fault for fault, codes in FAULTS.items() for code in codes}

PATIENCE: Final[Mapping[str, timedelta]] = {
    "10/2018300": timedelta(hours=1),
    "2": timedelta(minutes=1),
}
THROTTLES: Final = frozenset({"4", "17", "32", "613", "80006"})  # of the app or the Page
ONE_PERSON: Final = 200  # with a subcode that we do not know it may be this person only: no reason to pause
BLOCKED: Final = "2"  # also said when the person blocked us: after `MOST` tries it is taken for that
MOST: Final = 3


def by_code(
    code: object, subcode: object = None, *, status: int = 400, retry_after: timedelta | None = None
) -> DeliveryFailed:
    """The failure behind Meta's numbers; the subcode decides where it stands in the table.

    A code that we do not know is judged by the HTTP status.
    """
    number = _number(code)
    if number is None:
        return DeliveryFailed(_otherwise(status), "no_code", retry_after=retry_after)
    exact = f"{number}/{_number(subcode)}" if _number(subcode) is not None else str(number)
    known = exact if exact in _FAULT_OF else str(number)
    fault, certain = _FAULT_OF.get(known) or _otherwise(status), True
    if number == ONE_PERSON and known != exact:
        fault, certain = Fault.UNREACHABLE, False
    return DeliveryFailed(
        fault,
        exact[:40],
        retry_after=retry_after or PATIENCE.get(known),
        certain=certain,
        throttled=Throttled.ACCOUNT if known in THROTTLES else None,
    )


def by_answer(status: int, answer: Any, *, retry_after: timedelta | None = None) -> DeliveryFailed | None:
    """The failure in Meta's answer (parsed JSON, or None where it was none); None if it was taken."""
    error = mapping(answer).get("error")
    if error is None:
        return by_status(status, retry_after=retry_after)
    told = mapping(error)
    return by_code(told.get("code"), told.get("error_subcode"), status=status, retry_after=retry_after)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _otherwise(status: int) -> Fault:
    return Fault.RETRY if status == 429 or status >= 500 else Fault.GIVE_UP
