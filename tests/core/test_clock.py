"""A pause ends in time, early, or not at all."""

import asyncio

import pytest

from bot.clock import pause

GRAIN = 0.002  # seconds by which the loop may wake early


async def test_a_pause_is_over_when_its_time_is_or_when_somebody_says_so() -> None:
    said, loop = asyncio.Event(), asyncio.get_running_loop()
    began = loop.time()
    await pause(0.05, until=said)
    assert loop.time() - began >= 0.05 - GRAIN
    said.set()
    began = loop.time()
    async with asyncio.timeout(5):
        await pause(60.0, until=said)
    assert loop.time() - began < 5


async def test_who_is_stopped_at_the_moment_in_which_his_pause_ends_is_stopped() -> None:
    """`asyncio.wait_for` would forget that it was cancelled: delivery went on for ever in a dead office."""
    said = asyncio.Event()
    pausing = asyncio.create_task(pause(60.0, until=said))
    for _ in range(3):
        await asyncio.sleep(0)
    said.set()
    pausing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pausing
