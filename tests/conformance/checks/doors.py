"""Who may knock, and what a door says to a body that makes no sense."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.bench import Bench
from tests.conformance.checks.behaviour import behaviour
from tests.conformance.subject import GENUINE, MISSING, OLD, WRONG, Subject

NO_JSON = (
    b"",
    b"{",
    b'{"entry": [',
    b"hub.mode=subscribe",
    b"[" * 50_000,
    b'{"a": NaN}',
    b'{"a": "\xff\xfe"}',
)
ODD: tuple[Any, ...] = (
    {}, [], [[]], "x", 0, None, True, {"entry": None}, {"entry": 5}, {"entry": {}}, {"entry": [None, 1, []]},
    {"object": 1}, {"update_id": "x"}, {"update_id": 1}, {"update_id": True, "message": 1}, {"event": None},
    {"event": {"a": 1}, "payload": "x"}, {"kind": "text"}, {"text": {"text": "x"}}, {"a": "\x00 \ud83d"},
)  # fmt: skip


def _signed(subject: type[Subject]) -> bool:
    return subject.caps.signed


@behaviour(_signed)
async def a_body_without_a_signature_is_turned_away(here: Bench) -> None:
    assert await here.subject.posts(here.subject.body(here.phone, "x"), MISSING) == 401
    assert await _nothing(here)


@behaviour(_signed)
async def a_body_that_a_stranger_signed_is_turned_away(here: Bench) -> None:
    assert await here.subject.posts(here.subject.body(here.phone, "x"), WRONG) == 401
    assert await _nothing(here)


@behaviour(_signed)
async def the_new_secret_and_the_old_one_are_both_good(here: Bench) -> None:
    assert await here.subject.posts(here.subject.body(here.phone, "baru"), GENUINE) == 200
    assert await here.subject.posts(here.subject.body(here.phone, "lama"), OLD) == 200
    await here.settles()
    assert here.texts == ["baru", "lama"]


@behaviour(lambda subject: subject.caps.signed and subject.signs_bodies)
async def a_body_that_was_written_anew_on_the_way_is_turned_away(here: Bench) -> None:
    raw = here.subject.body(here.phone, "kafe é / 🙏")
    headers = dict(here.subject.headers(raw, GENUINE))
    again = json.dumps(json.loads(raw), separators=(", ", ":  ")).encode()
    assert again != raw
    assert await here.knock(again, headers) == 401
    assert await _nothing(here)


@behaviour()
async def nobody_can_speak_for_another(here: Bench) -> None:
    assert all(400 <= status < 500 for status in await here.subject.forges())
    assert await _nothing(here)


@behaviour()
async def what_is_no_json_is_a_bad_request(here: Bench) -> None:
    for raw in NO_JSON:
        assert await here.subject.posts(raw) == 400, raw[:20]
    assert await _nothing(here)


@behaviour()
async def json_that_means_nothing_is_taken_and_nothing_is_made_up(here: Bench) -> None:
    wanted = 200 if here.caps.signed else 400
    for body in (*ODD, *here.subject.unread):
        raw = json.dumps(body).encode()
        assert await here.subject.posts(raw) == wanted, raw
    await here.settles()
    assert here.heard == []
    assert await here.rows() == []
    await here.says("masih di sini")
    assert here.texts == ["masih di sini"]


@behaviour()
async def a_body_over_four_megabytes_is_too_big(here: Bench) -> None:
    raw = b'{"x": "' + b"x" * (4 * 1024 * 1024) + b'"}'
    assert await here.subject.posts(raw) == 413
    assert await _nothing(here)


async def _nothing(here: Bench) -> bool:
    """Nobody was heard, and nothing was kept."""
    await here.settles()
    return here.heard == [] and await here.events() == []
