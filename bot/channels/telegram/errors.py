"""What the Bot API's refusals ask of us: one table of numbers, one of words.

Telegram has no error codes beyond HTTP's, so its words have to be read; they are never kept.
Source: Telegram, Bot API, "Making requests"; platforms.md §12.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bot.channels.base import DeliveryFailed, Fault, Throttled


class Refused(Exception):
    """The Bot API answered ``ok: false``.  Its words are for telling cases apart and go no further."""

    def __init__(self, status: int, words: str, retry_after: timedelta | None = None) -> None:
        super().__init__(f"telegram: {status}")
        self.status = status
        self.words = words.lower()
        self.retry_after = retry_after


class NotSent(Exception):
    """No connection came about: nothing has reached Telegram."""


class NoAnswer(Exception):
    """The bytes have left, and no answer came that can be read."""


# Nothing was left to do: the person sees what we wanted.
DONE_ALREADY: Final = ("message is not modified", "query is too old", "message to delete not found")

CANNOT_PARSE: Final = "can't parse entities"
NO_PHOTO: Final = ("image_process_failed", "photo_invalid_dimensions", "photo_ext_invalid")

# (words, fault, our code), the first that is contained in Telegram's words; for 400 and 403
_BY_WORDS: Final[tuple[tuple[str, Fault, str], ...]] = (
    ("bot was blocked", Fault.UNREACHABLE, "blocked"),
    ("user is deactivated", Fault.UNREACHABLE, "deactivated"),
    ("can't initiate conversation", Fault.UNREACHABLE, "not_started"),
    ("bot was kicked", Fault.UNREACHABLE, "kicked"),
    ("chat not found", Fault.UNREACHABLE, "chat_not_found"),
    ("peer_id_invalid", Fault.UNREACHABLE, "chat_not_found"),
    ("user not found", Fault.UNREACHABLE, "chat_not_found"),
    (CANNOT_PARSE, Fault.GIVE_UP, "cannot_parse"),
    ("too long", Fault.GIVE_UP, "too_long"),
    ("wrong file identifier", Fault.GIVE_UP, "wrong_file"),
    ("wrong remote file", Fault.GIVE_UP, "wrong_file"),
    ("button_data_invalid", Fault.GIVE_UP, "button_data"),
    ("button url", Fault.GIVE_UP, "button_url"),
    ("file is too big", Fault.GIVE_UP, "file_too_big"),
)

_BY_STATUS: Final[Mapping[int, Fault]] = {
    400: Fault.GIVE_UP,
    401: Fault.PAUSE,  # the token
    403: Fault.UNREACHABLE,
    404: Fault.PAUSE,  # the token, or the address of the API
    409: Fault.RETRY,
    413: Fault.GIVE_UP,
    429: Fault.RETRY,
}
_AMBIGUOUS: Final = frozenset({502, 504})  # somebody between us and Telegram gave up waiting

FAULTS: Final[Mapping[Fault, frozenset[int | str]]] = {
    # both tables as one, for docs/channels.md
    fault: frozenset(status for status, asked in _BY_STATUS.items() if asked is fault)
    | frozenset(words for words, asked, _ in _BY_WORDS if asked is fault)
    for fault in Fault
}


def refusal_in(status: int, answer: Any) -> Refused | None:
    """The refusal in an answer (parsed JSON, or None where it was none); None if it is good."""
    whole = answer if isinstance(answer, dict) else {}
    if 200 <= status < 300 and whole.get("ok") is True:
        return None
    parameters = whole.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    patience = timedelta(seconds=seconds) if isinstance(seconds, int) and 0 <= seconds < 10**6 else None
    words = whole.get("description")
    code = whole.get("error_code")
    return Refused(
        code if isinstance(code, int) and status < 300 else status,
        words if isinstance(words, str) else "",
        patience,
    )


def failure_of(refused: Refused, *, repeatable: bool) -> DeliveryFailed:
    """``repeatable``: the call may run twice and shows nothing twice."""
    if refused.status in (400, 403):
        for words, fault, code in _BY_WORDS:
            if words in refused.words:
                return DeliveryFailed(fault, code)
    code = str(refused.status)
    if refused.status in _AMBIGUOUS and not repeatable:
        return DeliveryFailed(Fault.UNKNOWN, code)
    otherwise = Fault.RETRY if refused.status >= 500 or refused.retry_after else Fault.GIVE_UP
    fault = _BY_STATUS.get(refused.status, otherwise)
    throttled = Throttled.ACCOUNT if refused.status == 429 else None  # it may be the chat: Telegram won't say
    return DeliveryFailed(fault, code, retry_after=refused.retry_after, throttled=throttled)
