"""The judge is judged: each invariant is broken by hand once, and is found broken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.ledger import Ledger, Sent
from tests.faults.invariants import check
from tests.faults.rows import Change, Heard, Rows, Said

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def said(ident: int, state: str = "sent", channel: str = "whatsapp", **more: object) -> Said:
    row = Said(ident, 7, channel, "reply", "sendMessage", '{"text": "<b>hai</b>"}', state, f"id{ident}")
    return replace(row, **more)  # type: ignore[arg-type]


def accepted(ident: int, channel: str = "whatsapp", **more: object) -> Sent:
    key = str(ident) if channel == "whatsapp" else ""
    kind = "text" if channel == "whatsapp" else "sendMessage"
    sent = Sent(at=AT, channel=channel, to="628", type=kind, text="hai", id=f"id{ident}", callback_data=key)
    return replace(sent, request={"n": ident}, **more)  # type: ignore[arg-type]


def found(
    outbox: list[Said],
    lines: list[Sent],
    *,
    inbox: list[Heard] | None = None,
    journal: list[Change] | None = None,
    requests: Mapping[int, str] | None = None,
    logs: Path | None = None,
) -> set[str]:
    ledgers = {"whatsapp": Ledger(), "telegram": Ledger()}
    for line in lines:
        ledgers[line.channel].add(line)
    rows = Rows(inbox or [], outbox, journal or [], dict(requests or {}), {7: {"628"}})
    return {one.invariant for one in check(rows, ledgers, logs=logs, secrets={"Kenari"})}


@pytest.mark.parametrize("channel", ["whatsapp", "telegram"])
def test_what_is_right_is_found_right(channel: str) -> None:
    rows = [said(1, channel=channel), said(2, "unknown", channel), said(3, "failed", channel)]
    assert found(rows, [accepted(1, channel), accepted(2, channel)]) == set()


@pytest.mark.parametrize("channel", ["whatsapp", "telegram"])
def test_accepted_twice(channel: str) -> None:
    assert "I2" in found([said(1, channel=channel)], [accepted(1, channel), accepted(1, channel)])


@pytest.mark.parametrize("channel", ["whatsapp", "telegram"])
def test_sent_and_never_accepted(channel: str) -> None:
    assert found([said(1, channel=channel)], []) == {"I3"}


@pytest.mark.parametrize("state", ["failed", "queued", "cancelled", "expired"])
def test_accepted_and_not_sent(state: str) -> None:
    assert found([said(1, state)], [accepted(1)]) == {"I4"}
    assert found([said(1, state, "telegram")], [accepted(1, "telegram")]) == {"I2"}


def test_a_history_that_jumps_or_leaves_the_ways() -> None:
    here = [Change(1, "made", None, "draft"), Change(1, "submit", "draft", "submitted")]
    assert found([], [], journal=here, requests={1: "submitted"}) == set()
    assert found([], [], journal=here, requests={1: "closed"}) == {"I5"}
    jump = [*here, Change(1, "close", "in_process", "closed")]
    assert found([], [], journal=jump, requests={1: "closed"}) == {"I5"}
    illegal = [*here, Change(1, "close", "submitted", "closed")]
    assert found([], [], journal=illegal, requests={1: "closed"}) == {"I5"}
    twice = [*here, Change(1, "submit", "draft", "submitted")]
    assert found([], [], journal=twice, requests={1: "submitted"}) == {"I5"}


def test_a_middle_state() -> None:
    assert "I6" in found([said(1, "sending")], [])
    assert found([], [], inbox=[Heard(1, "whatsapp", "wamid", "message", "new", 7)]) == {"I6"}


def test_a_name_in_a_log(tmp_path: Path) -> None:
    (tmp_path / "0.log").write_text('{"event": "hello Kenari"}')
    assert found([], [], logs=tmp_path) == {"I7"}


def test_answers_out_of_order() -> None:
    assert found([said(1), said(2)], [accepted(2), accepted(1)]) == {"I8"}


def test_whom_a_message_of_nobodys_belongs_to_is_asked_first_of_those_whose_words_are_known() -> None:
    """A notice is worded when it leaves: it would take the answer's message, and leave its own to nobody."""
    notice = said(1, "unknown", "telegram", kind="notice", name="staff_question", payload="{}")
    answer = said(2, "unknown", "telegram")
    lines = [accepted(2, "telegram"), accepted(1, "telegram", text="Pertanyaan T1")]
    assert found([notice, answer], lines) == set()
    assert found([answer], lines) == {"I2"}
