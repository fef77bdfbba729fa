"""Meta's codes: the table is whole, and what it does not know is judged with care."""

from datetime import timedelta

import pytest

from bot.channels.base import Fault, Throttled
from bot.channels.whatsapp.errors import FAULTS, by_answer, by_code

# Written down once more from Meta's pages, by class, so that a slip in the table shows.
ROWS = [
    (Fault.RETRY, "1 2 4 80007 613 130429 131000 131016 133004 131057 131056 134101"),
    (Fault.PAUSE, "0 190 3 10 200 219 250 299 131005"),  # token, permissions
    (Fault.PAUSE, "33 133010 131045"),  # the number
    (Fault.PAUSE, "368 131031 130497 131042 131048 131064"),  # policy, payment, limits
    (Fault.TEMPLATE, "131047"),
    (Fault.UNREACHABLE, "131026"),
    (Fault.WAIT, "130472 131049 131050"),
    (Fault.TEMPLATE_FAULT, "132000 132001 132005 132007 132012 132015 132016 132068 132069"),
    (Fault.GIVE_UP, "100 131008 131009 131021 131037 131051 131052 131053 131062 131063 135000"),
]


@pytest.mark.parametrize(("fault", "codes"), ROWS)
def test_a_known_code_has_its_class_whatever_the_status(fault: Fault, codes: str) -> None:
    for code in map(int, codes.split()):
        for status in (200, 400, 403, 500):
            failure = by_answer(status, {"error": {"code": code, "message": "nama warga"}})
            assert failure is not None
            assert (failure.fault, failure.code) == (fault, str(code))
            assert "warga" not in str(failure)
            assert by_code(code).fault is fault  # in a status, hours later


def test_the_table_holds_these_codes_and_no_others() -> None:
    told = {int(code) for _, codes in ROWS for code in codes.split()} | set(range(200, 300))
    assert {code for codes in FAULTS.values() for code in codes} == told


def test_no_code_stands_in_two_classes() -> None:
    codes = [code for group in FAULTS.values() for code in group]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("code", [999999, "190", None, True, 1.5, [1]])
def test_an_unknown_code_is_judged_by_the_status(code: object) -> None:
    expected = [(400, Fault.GIVE_UP), (403, Fault.GIVE_UP), (429, Fault.RETRY), (503, Fault.RETRY)]
    assert [(status, by_code(code, status=status).fault) for status, _ in expected] == expected


def test_an_error_in_an_answer_with_200_is_an_error() -> None:
    failure = by_answer(200, {"error": {"code": 131047}})
    assert failure is not None
    assert failure.fault is Fault.TEMPLATE
    bare = by_answer(200, {"error": "x"})
    assert bare is not None
    assert bare.fault is Fault.GIVE_UP


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (302, Fault.PAUSE),
        (400, Fault.GIVE_UP),
        (401, Fault.PAUSE),
        (404, Fault.PAUSE),
        (413, Fault.GIVE_UP),
        (429, Fault.RETRY),
        (500, Fault.RETRY),
        (502, Fault.UNKNOWN),
        (503, Fault.RETRY),
        (504, Fault.UNKNOWN),
    ],
)
def test_without_json_only_the_status_speaks(status: int, fault: Fault | None) -> None:
    failure = by_answer(status, None)
    assert (failure.fault if failure else None) == fault


def test_patience_is_told_where_it_is_known() -> None:
    assert by_code(2).retry_after == timedelta(minutes=5)
    assert by_code(131049).retry_after == timedelta(hours=24)
    assert by_code(131057).retry_after == timedelta(minutes=1)
    assert by_code(130429).retry_after is None
    told = by_answer(429, {"error": {"code": 130429}}, retry_after=timedelta(seconds=9))
    assert told is not None
    assert told.retry_after == timedelta(seconds=9)


def test_too_much_to_one_person_waits_four_times_as_long_each_time() -> None:
    failure = by_code(131056)
    assert failure.retry_after is not None
    assert [(failure.retry_after * failure.backoff**n).seconds for n in range(4)] == [4, 16, 64, 256]
    assert by_code(130429).backoff == 1.0


def test_whom_a_throttle_concerns() -> None:
    account = {4, 613, 80007, 130429, 131057}
    told = {code: by_code(code).throttled for codes in FAULTS.values() for code in codes}
    assert {code for code, whom in told.items() if whom is Throttled.ACCOUNT} == account
    assert {code for code, whom in told.items() if whom is Throttled.PERSON} == {131056}


def test_a_paused_template_says_how_long_and_a_disabled_one_does_not() -> None:
    assert by_code(132015).retry_after == timedelta(hours=3)
    assert by_code(132016).retry_after is None


def test_not_reached_once_is_not_yet_unreachable() -> None:
    assert by_code(131026).certain is False
    assert all(by_code(code).certain for codes in FAULTS.values() for code in codes - {131026})


def test_a_missing_object_is_our_number_gone() -> None:
    """As Meta answers a send from a number that is not ours any more: 100 with the subcode 33."""
    failure = by_answer(400, {"error": {"code": 100, "error_subcode": 33}})
    assert failure is not None
    assert (failure.fault, failure.code) == (Fault.PAUSE, "33")
    other = by_answer(400, {"error": {"code": 100, "error_subcode": 2388299}})
    assert other is not None
    assert (other.fault, other.code) == (Fault.GIVE_UP, "100")
