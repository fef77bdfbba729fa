"""Providers that fail, people who are gone, windows that close."""

from __future__ import annotations

from datetime import timedelta

from models.contacts import Conversation
from models.outbox import OutboxState
from tests.conformance.bench import NOW, THANKS, Bench
from tests.conformance.checks.behaviour import behaviour, can, fails, one
from tests.conformance.subject import Subject


@behaviour(fails("throttled"))
async def a_throttled_message_waits_as_long_as_it_is_told(here: Bench) -> None:
    here.subject.fail_next("throttled", seconds=37)
    await here.says("halo")
    row = one(await here.rows())
    assert (row.state, row.due_at) == (OutboxState.QUEUED, NOW + timedelta(seconds=37))
    here.clock.advance(seconds=36)
    await here.settles()
    assert here.screen == []
    here.clock.advance(seconds=1)
    await here.settles()
    assert here.phone.everything == [THANKS]


@behaviour(fails("down"))
async def a_provider_that_is_down_is_asked_again(here: Bench) -> None:
    here.subject.fail_next("down")
    await here.says("halo")
    row = one(await here.rows())
    assert row.state is OutboxState.QUEUED and row.due_at > NOW
    assert here.screen == []
    here.clock.advance(minutes=10)
    await here.settles()
    assert here.phone.everything == [THANKS]
    assert [row.state for row in await here.rows()] == [OutboxState.SENT]


@behaviour(fails("token"))
async def a_refused_token_holds_the_channel_and_loses_nothing(here: Bench) -> None:
    here.subject.fail_next("token")
    await here.says("halo")
    assert here.core.delivery.held() == [(here.subject.name, here.adapter.account)]
    assert [row.state for row in await here.rows()] == [OutboxState.QUEUED]
    here.clock.advance(hours=1)
    await here.settles()
    assert here.phone.everything == [THANKS]
    assert here.core.delivery.held() == []


@behaviour(fails("silent"))
async def a_message_that_may_have_arrived_is_never_shown_twice(here: Bench) -> None:
    here.subject.fail_next("silent")
    await here.says("halo")
    here.clock.advance(hours=30)
    await here.settles()
    row = one(await here.rows())
    assert row.state is (OutboxState.SENT if here.caps.idempotent else OutboxState.UNKNOWN)
    assert here.phone.everything == [THANKS]


@behaviour(can("block"))
async def who_has_blocked_us_is_left_alone_until_they_write(here: Bench) -> None:
    await here.says("halo")
    await here.subject.blocks()
    await here.settles()
    row = await here.notice("courtesy")
    talk = await Conversation.get()
    assert row.state is OutboxState.FAILED and row.failure
    assert talk.unreachable_at or talk.refused_at
    assert here.phone.everything == [THANKS]
    here.forgiven = 1
    await here.subject.unblocks()
    await here.says("saya kembali")
    assert here.phone.heard == [THANKS]
    talk = await Conversation.get()
    assert talk.unreachable_at is None and talk.refused_at is None


def _has_a_window(subject: type[Subject]) -> bool:
    return subject.caps.window is not None


@behaviour()
async def a_notice_soon_after_goes_in_free_words(here: Bench) -> None:
    await here.says("halo")
    here.clock.advance(hours=1)
    row = await here.notice("ready")
    assert (row.state, row.sent_as) == (OutboxState.SENT, "text")
    assert "K7Q2-M9FD-X" in here.words and "siap diambil" in here.words


@behaviour(lambda subject: subject.caps.window is None)
async def without_a_window_free_words_go_at_any_time(here: Bench) -> None:
    await here.says("halo")
    here.clock.advance(days=60)
    row = await here.notice("courtesy")
    assert (row.state, row.sent_as) == (OutboxState.SENT, "text")
    assert "K7Q2-M9FD-X" in here.words


@behaviour(_has_a_window)
async def once_the_window_is_closed_a_notice_goes_as_its_template(here: Bench) -> None:
    here.subject.approve("loket_ready", "Nomor {{number}} siap diambil.")
    await here.says("halo")
    here.clock.now += here.caps.window
    row = await here.notice("ready")
    assert (row.state, row.sent_as) == (OutboxState.SENT, "template:loket_ready"), row.failure
    assert "K7Q2-M9FD-X" in here.words


@behaviour(_has_a_window)
async def once_the_window_is_closed_a_notice_without_template_says_so(here: Bench) -> None:
    await here.says("halo")
    here.clock.now += here.caps.window
    row = await here.notice("courtesy")
    assert (row.state, row.failure) == (OutboxState.FAILED, "window_closed")
    assert here.phone.everything == [THANKS]


@behaviour(_has_a_window)
async def a_window_opens_again_with_the_next_word(here: Bench) -> None:
    await here.says("halo")
    here.clock.now += here.caps.window + timedelta(hours=1)
    await here.says("halo lagi")
    row = await here.notice("courtesy")
    assert (row.state, row.sent_as) == (OutboxState.SENT, "text")
