"""What the Bot API's refusals ask of us: one table.

Telegram has no error codes beyond HTTP's, so its words have to be read; they are never kept.
Source: Telegram, Bot API, "Making requests", "ResponseParameters"; the words are those of its server
(tdlib/telegram-bot-api).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.channels.base import AddressKey, DeliveryFailed, Fault, Throttled
from bot.channels.telegram.caps import ADDRESS


class Refused(Exception):
    """The Bot API answered ``ok: false``.  Its words are for telling cases apart and go no further.

    ``moved_to``: the chat has this id now.
    """

    def __init__(
        self, status: int, words: str, retry_after: timedelta | None = None, moved_to: int | None = None
    ) -> None:
        super().__init__(f"telegram: {status}")
        self.status = status
        self.words = words.lower()
        self.retry_after = retry_after
        self.moved_to = moved_to


class NotSent(Exception):
    """No connection came about: nothing has reached Telegram."""


class NoAnswer(Exception):
    """The bytes have left, and no answer came that can be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """The first row whose status is the answer's (0: any) and whose words stand in it decides.

    ``fault`` None: nothing was left to do, the person sees what we wanted.
    """

    status: int
    words: str
    fault: Fault | None
    code: str


TABLE: Final = (
    # the chat has another number now
    Row(400, "upgraded to a supergroup", Fault.MOVED, "moved"),
    # it is so already, or its time is over
    Row(400, "message is not modified", None, "so_already"),
    Row(400, "query is too old", None, "too_late"),
    Row(400, "message to delete not found", None, "so_already"),
    Row(400, "message identifiers are not specified", None, "so_already"),
    # who takes nothing from us, until they write or let us in again
    Row(403, "bot was blocked", Fault.UNREACHABLE, "blocked"),
    Row(403, "user is deactivated", Fault.UNREACHABLE, "deactivated"),
    Row(403, "can't initiate conversation", Fault.UNREACHABLE, "not_started"),
    Row(403, "bot was kicked", Fault.UNREACHABLE, "kicked"),
    Row(403, "bot is not a member", Fault.UNREACHABLE, "kicked"),
    Row(403, "group chat was deleted", Fault.UNREACHABLE, "gone"),
    Row(403, "", Fault.UNREACHABLE, "403"),
    Row(400, "chat not found", Fault.UNREACHABLE, "chat_not_found"),
    Row(400, "peer_id_invalid", Fault.UNREACHABLE, "chat_not_found"),
    Row(400, "user not found", Fault.UNREACHABLE, "chat_not_found"),
    Row(400, "have no rights to send", Fault.UNREACHABLE, "no_rights"),
    Row(400, "not enough rights to send", Fault.UNREACHABLE, "no_rights"),
    Row(400, "chat_write_forbidden", Fault.UNREACHABLE, "no_rights"),
    # what will never be taken
    Row(400, "can't parse entities", Fault.GIVE_UP, "cannot_parse"),
    Row(400, "too long", Fault.GIVE_UP, "too_long"),
    Row(400, "too_long", Fault.GIVE_UP, "too_long"),
    Row(400, "text is empty", Fault.GIVE_UP, "empty"),
    Row(400, "wrong file identifier", Fault.GIVE_UP, "wrong_file"),
    Row(400, "wrong remote file", Fault.GIVE_UP, "wrong_file"),
    Row(400, "failed to get http url", Fault.GIVE_UP, "wrong_file"),
    Row(400, "image_process_failed", Fault.GIVE_UP, "no_photo"),
    Row(400, "photo_invalid_dimensions", Fault.GIVE_UP, "no_photo"),
    Row(400, "photo_ext_invalid", Fault.GIVE_UP, "no_photo"),
    Row(400, "file is too big", Fault.GIVE_UP, "file_too_big"),
    Row(400, "voice_messages_forbidden", Fault.GIVE_UP, "voice_forbidden"),
    Row(400, "button_data_invalid", Fault.GIVE_UP, "button_data"),
    Row(400, "button url", Fault.GIVE_UP, "button_url"),
    Row(400, "message to edit not found", Fault.GIVE_UP, "message_not_there"),
    Row(400, "message can't be", Fault.GIVE_UP, "unchangeable"),
    Row(400, "thread not found", Fault.GIVE_UP, "thread_gone"),
    Row(400, "", Fault.GIVE_UP, "400"),
    Row(413, "", Fault.GIVE_UP, "file_too_big"),
    Row(404, "method not found", Fault.GIVE_UP, "no_such_method"),
    # a human has to look: the token, or the address of the API
    Row(401, "", Fault.PAUSE, "401"),
    Row(404, "", Fault.PAUSE, "404"),
    # patience helps
    Row(409, "", Fault.RETRY, "409"),
    Row(429, "", Fault.RETRY, "429"),
    # somebody between us and Telegram gave up waiting
    Row(502, "", Fault.UNKNOWN, "502"),
    Row(504, "", Fault.UNKNOWN, "504"),
)
FAULTS: Final[Mapping[Fault, frozenset[int | str]]] = {
    # the same by what it asks, for docs/channels.md: the words, or the status where there are none
    fault: frozenset(row.words or row.status for row in TABLE if row.fault is fault)
    for fault in Fault
}


def refusal_in(status: int, answer: Any) -> Refused | None:
    """The refusal in an answer (parsed JSON, or None where it was none); None if it is good."""
    whole = answer if isinstance(answer, dict) else {}
    if 200 <= status < 300 and whole.get("ok") is True:
        return None
    told = whole.get("parameters")
    parameters = told if isinstance(told, dict) else {}
    seconds, moved_to = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    words = whole.get("description")
    code = whole.get("error_code")
    return Refused(
        code if isinstance(code, int) and status < 300 else status,
        words if isinstance(words, str) else "",
        timedelta(seconds=seconds) if isinstance(seconds, int) and 0 <= seconds < 10**6 else None,
        moved_to if isinstance(moved_to, int) and -(2**52) < moved_to < 0 else None,
    )


def row_of(refused: Refused) -> Row:
    """What the table says.  A status it does not name is patience from 500 on, and else the end."""
    if refused.moved_to is not None:
        return TABLE[0]
    for row in TABLE:
        if row.status == refused.status and row.words in refused.words:
            return row
    patient = refused.status >= 500 or refused.retry_after is not None
    return Row(refused.status, "", Fault.RETRY if patient else Fault.GIVE_UP, str(refused.status))


def failure_of(refused: Refused, *, repeatable: bool) -> DeliveryFailed | None:
    """None where nothing was left to do.  ``repeatable``: the call may run twice and shows nothing twice."""
    row = row_of(refused)
    if row.fault is None:
        return None
    fault, moved_to = row.fault, None
    if fault is Fault.UNKNOWN and repeatable:
        fault = Fault.RETRY
    if fault is Fault.MOVED:
        if refused.moved_to is None:
            return DeliveryFailed(Fault.GIVE_UP, "moved")  # and nobody says where
        moved_to = AddressKey(ADDRESS, str(refused.moved_to))
    throttled = Throttled.ACCOUNT if refused.status == 429 else None
    return DeliveryFailed(
        fault, row.code, retry_after=refused.retry_after, moved_to=moved_to, throttled=throttled
    )
