"""I1 is judged by what people's providers were told: an acknowledged message that is in no row is found."""

import json

from tests.fakes import FakeBotApi
from tests.faults.invariants import acknowledged, lost
from tests.faults.rows import Heard, Rows
from tests.phones import TelegramPhone

NOTHING = Rows([], [], [], {}, {})


def someone(*updates: int) -> TelegramPhone:
    """Who has written so many messages, all of them acknowledged."""
    phone = TelegramPhone(FakeBotApi(), "http://127.0.0.1:9")
    phone.posted = [json.dumps({"update_id": number, "message": {}}).encode() for number in updates]
    return phone


def test_what_was_refused_is_not_acknowledged_until_it_was_taken() -> None:
    phone = someone(1, 2)
    phone.not_taken = [phone.posted[1]]
    assert acknowledged([phone]) == {("telegram", "1")}
    phone.posted.append(phone.posted[1])  # brought again, and taken
    assert acknowledged([phone]) == {("telegram", "1"), ("telegram", "2")}


def test_acknowledged_and_in_no_row_or_in_two_is_found() -> None:
    row = Heard(1, "telegram", "1", "message", "done", 7)
    assert list(lost(NOTHING, [someone(1)])) == ["telegram 1: []"]
    assert list(lost(Rows([row, row], [], [], {}, {}), [someone(1)])) != []
    assert list(lost(Rows([row], [], [], {}, {}), [someone(1)])) == []
