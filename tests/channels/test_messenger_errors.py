"""Meta's codes on a Page: the table is whole, and what it does not know is judged with care."""

from datetime import timedelta

import pytest

from bot.channels.base import Fault, Throttled
from bot.channels.messenger.errors import FAULTS, by_answer, by_code
from tests.fakes.messenger_errors import WORDS

# Written down once more from Meta's pages, by class, so that a slip in the table shows.
ROWS = [
    (Fault.RETRY, "1 2 4 17 32 341 613 1200 80006 1200/99"),
    (Fault.TEMPLATE, "10/2018278 10/1545041 10/2018065"),
    (Fault.WAIT, "10/2018300"),
    (Fault.UNREACHABLE, "551 551/1545041 100/2018001 200/1545041 200/2018028 10903 100/2018292"),
    (Fault.PAUSE, "0 3 10 10/1893063 10/5 102 190 190/460 190/463 200 294 33 100/33 368 2018344 2/2018344"),
    (Fault.GIVE_UP, "100 100/2018034 100/2018047 100/2018109 100/2018008 100/2018074 105 10900"),
]


def answer(name: str) -> dict[str, object]:
    code, _, subcode = name.partition("/")
    error: dict[str, object] = {"code": int(code), "message": "nama warga"}
    return {"error": error | ({"error_subcode": int(subcode)} if subcode else {})}


@pytest.mark.parametrize(("fault", "names"), ROWS)
def test_a_known_code_has_its_class_whatever_the_status(fault: Fault, names: str) -> None:
    for name in names.split():
        for status in (200, 400, 403, 500):
            failure = by_answer(status, answer(name))
            assert failure is not None
            assert (failure.fault, failure.code) == (fault, name)
            assert "warga" not in str(failure)


def test_every_entry_of_the_table_and_every_refusal_of_the_pretend_page_is_in_the_rows() -> None:
    told = {name for _, names in ROWS for name in names.split()}
    assert {name for names in FAULTS.values() for name in names} <= told
    assert set(WORDS) <= told


def test_no_code_stands_in_two_classes() -> None:
    codes = [code for group in FAULTS.values() for code in group]
    assert len(codes) == len(set(codes))


def test_a_permission_with_a_reason_of_its_own_may_be_about_one_person() -> None:
    assert by_code(200).certain is True  # the permission itself: a human has to look
    assert by_code(200, 2018028).certain is False
    assert by_code(200, 1545041).certain is True


@pytest.mark.parametrize("code", [999999, "190", None, True, 1.5, [1], 2**80])
def test_an_unknown_code_is_judged_by_the_status(code: object) -> None:
    expected = [(400, Fault.GIVE_UP), (403, Fault.GIVE_UP), (429, Fault.RETRY), (503, Fault.RETRY)]
    assert [(status, by_code(code, status=status).fault) for status, _ in expected] == expected


def test_what_is_no_error_of_metas_is_judged_by_the_status() -> None:
    expected = {
        200: None, 301: Fault.PAUSE, 401: Fault.PAUSE, 404: Fault.PAUSE, 408: Fault.RETRY, 413: Fault.GIVE_UP,
        429: Fault.RETRY, 500: Fault.RETRY, 502: Fault.UNKNOWN, 503: Fault.RETRY, 504: Fault.UNKNOWN,
    }  # fmt: skip
    found = {status: by_answer(status, None) for status in expected}
    assert {status: failure and failure.fault for status, failure in found.items()} == expected


def test_how_long_to_wait() -> None:
    assert by_code(10, 2018300).retry_after == timedelta(hours=1)  # a human has the conversation
    assert by_code(4).retry_after is None
    told = by_code(613, retry_after=timedelta(minutes=5))
    assert (told.retry_after, told.throttled) == (timedelta(minutes=5), Throttled.ACCOUNT)
    assert by_code(551).throttled is None
