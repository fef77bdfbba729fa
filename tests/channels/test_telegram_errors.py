"""What each refusal of Telegram asks for: written down anew from its documentation, not from our table."""

from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import AddressKey, DeliveryFailed, Fault, Throttled
from bot.channels.telegram.errors import TABLE, failure_of, refusal_in


def answer(status: int, description: Any, **parameters: Any) -> dict[str, Any]:
    told = {"ok": False, "error_code": status, "description": description}
    return told | ({"parameters": parameters} if parameters else {})


def failure(status: int, words: Any, *, repeatable: bool = False, **parameters: Any) -> DeliveryFailed | None:
    refused = refusal_in(status, answer(status, words, **parameters))
    assert refused is not None
    return failure_of(refused, repeatable=repeatable)


GONE = (
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: user is deactivated"),
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (403, "Forbidden: bot was kicked from the group chat"),
    (403, "Forbidden: bot was kicked from the supergroup chat"),
    (403, "Forbidden: bot is not a member of the channel chat"),
    (403, "Forbidden: the group chat was deleted"),
    (403, "Forbidden: something that nobody has read yet"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: PEER_ID_INVALID"),
    (400, "Bad Request: user not found"),
    (400, "Bad Request: have no rights to send a message"),
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
)
NEVER = (
    (400, "Bad Request: message is too long"),
    (400, "Bad Request: message caption is too long"),
    (400, "Bad Request: ENTITIES_TOO_LONG"),
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "budi" at byte offset 9'),
    (400, "Bad Request: message text is empty"),
    (400, "Bad Request: wrong file identifier/HTTP URL specified"),
    (400, "Bad Request: wrong remote file identifier specified: Wrong padding in the string"),
    (400, "Bad Request: failed to get HTTP URL content"),
    (400, "Bad Request: IMAGE_PROCESS_FAILED"),
    (400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    (400, "Bad Request: PHOTO_EXT_INVALID"),
    (400, "Bad Request: file is too big"),
    (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"),
    (400, "Bad Request: BUTTON_DATA_INVALID"),
    (400, "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL"),
    (400, "Bad Request: message to edit not found"),
    (400, "Bad Request: message can't be edited"),
    (400, "Bad Request: message can't be deleted for everyone"),
    (400, "Bad Request: message thread not found"),
    (400, "Bad Request: something that nobody has read yet"),
    (404, "Not Found: method not found"),
    (413, "Request Entity Too Large"),
    (418, "I'm a teapot"),
)
DONE = (
    (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly…",
    ),
    (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
    (400, "Bad Request: message to delete not found"),
    (400, "Bad Request: message identifiers are not specified"),
)
HUMAN = ((401, "Unauthorized"), (404, "Not Found"), (404, None))
PATIENCE = (
    (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    ),
    (429, "Too Many Requests: retry after 35"),
    (500, "Internal Server Error"),
    (503, None),
)
EXPECTED = {Fault.UNREACHABLE: GONE, Fault.GIVE_UP: NEVER, Fault.PAUSE: HUMAN, Fault.RETRY: PATIENCE}


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [(fault, status, words) for fault, cases in EXPECTED.items() for status, words in cases],
)
def test_each_refusal_asks_for_one_thing(fault: Fault, status: int, words: Any, repeatable: bool) -> None:
    failed = failure(status, words, repeatable=repeatable)
    assert failed is not None
    assert failed.fault is fault
    assert failed.certain
    assert len(failed.code) <= 32 and " " not in failed.code


@pytest.mark.parametrize(("status", "words"), DONE)
def test_what_is_so_already_is_no_failure(status: int, words: str) -> None:
    assert failure(status, words) is None


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_may_have_let_it_through(status: int) -> None:
    once, again = failure(status, "Bad Gateway"), failure(status, "Bad Gateway", repeatable=True)
    assert once is not None and once.fault is Fault.UNKNOWN
    assert again is not None and again.fault is Fault.RETRY


def test_every_row_of_the_table_is_hit() -> None:
    moved = (400, "Bad Request: group chat was upgraded to a supergroup chat")
    told = [*GONE, *NEVER, *DONE, *HUMAN, *PATIENCE, (502, ""), (504, ""), moved]
    for row in TABLE:
        hit = [(status, words) for status, words in told if row is _first(status, str(words or "").lower())]
        assert hit, row


def _first(status: int, words: str) -> object:
    return next((row for row in TABLE if row.status == status and row.words in words), None)


def test_the_whole_bot_waits_as_long_as_it_is_told() -> None:
    failed = failure(429, "Too Many Requests: retry after 35", retry_after=35)
    assert failed is not None
    assert (failed.retry_after, failed.throttled) == (timedelta(seconds=35), Throttled.ACCOUNT)
    strange = failure(429, "Too Many Requests", retry_after="35")
    assert strange is not None and (strange.fault, strange.retry_after) == (Fault.RETRY, None)


def test_a_group_that_has_moved_is_written_to_there() -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    failed = failure(400, words, migrate_to_chat_id=-1001234567890)
    assert failed is not None
    assert (failed.fault, failed.moved_to) == (Fault.MOVED, AddressKey("telegram", "-1001234567890"))
    nowhere = failure(400, words)
    assert nowhere is not None and (nowhere.fault, nowhere.moved_to) == (Fault.GIVE_UP, None)


@pytest.mark.parametrize("number", [0, 5, "-100", True, -(2**60)])
def test_a_number_that_is_no_group_is_not_believed(number: Any) -> None:
    refused = refusal_in(400, answer(400, "x", migrate_to_chat_id=number))
    assert refused is not None and refused.moved_to is None


def test_the_words_go_no_further() -> None:
    refused = refusal_in(400, answer(400, 'Bad Request: can\'t parse entities: Unsupported start tag "budi"'))
    failed = failure(400, 'Bad Request: can\'t parse entities: Unsupported start tag "budi"')
    assert "budi" not in f"{refused} {failed} {failed and failed.code}"
