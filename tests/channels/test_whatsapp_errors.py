"""Meta's codes: the table is whole, and what it does not know is judged with care."""

from datetime import timedelta

import pytest

from bot.channels.base import Fault
from bot.channels.whatsapp.errors import FAULTS, by_answer, by_code


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        (Fault.RETRY, "1 2 4 80007 613 130429 131000 131016 133004 131057 131056 134101"),
        (
            Fault.PAUSE,
            "0 190 3 10 200 250 299 131005 33 133010 131045 368 131031 130497 131042 131048 131064",
        ),
        (Fault.TEMPLATE, "131047"),
        (Fault.UNREACHABLE, "131026"),
        (Fault.WAIT, "131049 131050 130472"),
        (Fault.GIVE_UP, "132000 132001 132005 132007 132012 132015 132016 132068 132069"),
        (Fault.GIVE_UP, "100 131008 131009 131021 131037 131051 131052 131053 131062 131063 135000"),
    ],
)
def test_a_known_code_has_its_class_whatever_the_status(fault: Fault, codes: str) -> None:
    for code in map(int, codes.split()):
        for status in (400, 403, 500):
            failure = by_answer(status, {"error": {"code": code, "message": "nama warga"}})
            assert failure is not None
            assert (failure.fault, failure.code) == (fault, str(code))
            assert "warga" not in str(failure)


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
    assert by_code(131056).retry_after == timedelta(seconds=6)
    assert by_code(131049).retry_after == timedelta(hours=24)
    assert by_code(130429).retry_after is None
    told = by_answer(429, {"error": {"code": 130429}}, retry_after=timedelta(seconds=9))
    assert told is not None
    assert told.retry_after == timedelta(seconds=9)
