"""Anything that may happen, in any order: Hypothesis looks for a history that breaks an invariant.

The core is the real one on a real database; a crash abandons it where it stands.  `make test` takes a
hundred steps on each database, ``LOKET_SOAK=1`` more than ten thousand; ``--hypothesis-seed`` repeats them.
"""

import asyncio
import random
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes import pictures
from tests.faults.crowd import A_REQUEST
from tests.faults.house import NOBODY, House
from tests.faults.short_form import SOAKING
from tests.phone import NoSuchButton

HISTORIES, STEPS, LEAST = (240, 60, 10_000) if SOAKING else (3, 20, 30)  # some histories end early
SAYINGS = ("halo", "status", "menu", "batal", "kk baru", "ktp hilang", "0", "apa kabar", "selesai")
FAULTS = ("http500", "http429", "drop_before", "drop_after")
ENOUGH = 6  # faults that wait at a provider: each costs an hour of the clock, in the end
COMMANDS = (
    "/ambil", "/lengkap 1", "/lengkap 1-3", "/proses 1", "/tunda 1-3 jaringan", "/lanjut 1-3", "/siap 1",
    "/serah 1", "/tolak 2 tidak lengkap", "/minta 1 KK buram", "/lepas 1", "/antrean", "/lihat 1",
)  # fmt: skip
WHO = st.integers(0, 2)
T = TypeVar("T")


class Anything(RuleBasedStateMachine):
    """``fresh_database`` is set by the test: another for each history.  ``steps``: taken by all of them."""

    steps = 0

    fresh_database: ClassVar[Callable[[], str]]

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._lines = [0, 0, 0]

    def does(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    @initialize()
    def opens(self) -> None:
        self.house = House(self.fresh_database())
        self.does(self.house.opens_first())

    @rule(who=WHO, words=st.sampled_from(SAYINGS))
    def says(self, who: int, words: str) -> None:
        self.does(self.house.citizens[who].says(words))

    @rule(who=WHO, lines=st.integers(1, 4))
    def goes_on_with_a_request(self, who: int, lines: int) -> None:
        for _ in range(lines):
            line = self._lines[who] % (len(A_REQUEST) + 3)
            self._lines[who] += 1
            self.does(self._says_line(who, line))

    async def _says_line(self, who: int, line: int) -> None:
        person = self.house.citizens[who]
        if line < len(A_REQUEST):
            await person.says(A_REQUEST[line])
        elif line == len(A_REQUEST):
            await person.sends_album([pictures.jpeg(n) for n in (1, 2)])
        else:
            await person.says("selesai" if line == len(A_REQUEST) + 1 else "kirim")
        await asyncio.sleep(0.02)  # people read before they answer

    @rule(who=WHO)
    def taps_the_first_button(self, who: int) -> None:
        person = self.house.citizens[who]
        try:
            self.does(person.taps(person.buttons[0]) if person.buttons else person.says("menu"))
        except NoSuchButton:
            return

    @rule(who=WHO, times=st.integers(1, 3))
    def the_provider_repeats_it(self, who: int, times: int) -> None:
        if self.house.citizens[who].posted:
            self.does(self.house.citizens[who].repeats(times))

    @rule(who=WHO, seed=st.integers(0, 99), count=st.integers(2, 4))
    def several_come_out_of_order(self, who: int, seed: int, count: int) -> None:
        self.does(self._out_of_order(self.house.citizens[who], seed, count))

    async def _out_of_order(self, person: Any, seed: int, count: int) -> None:
        here, person.door_url = person.door_url, NOBODY
        for n in range(count):
            await person.says(f"kabar {n}")
        person.door_url = here
        random.Random(seed).shuffle(person.not_taken)
        await person.redelivers()

    @rule(command=st.sampled_from(COMMANDS))
    def staff_works(self, command: str) -> None:
        self.does(self.house.ani.says(command))

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3), meta=st.booleans())
    def a_provider_fails(self, faults: list[str], meta: bool) -> None:
        provider = self.house.graph if meta else self.house.telegram
        if provider.faults_left < ENOUGH:
            provider.next_send(*faults)

    @rule()
    def crashes(self) -> None:
        self.does(self._crashes())

    async def _crashes(self) -> None:
        await self.house.crashes()
        await self.house.opens()

    @rule()
    def crashes_while_all_speak(self) -> None:
        self.does(self._crashes_while_all_speak())

    async def _crashes_while_all_speak(self) -> None:
        speaking = asyncio.gather(*(person.says("status") for person in self.house.people))
        await asyncio.sleep(0.01)
        await self.house.crashes()
        await speaking
        await self.house.opens()

    @rule(minutes=st.integers(1, 60 * 30))
    def time_passes(self, minutes: int) -> None:
        self.does(self.house.time_passes(minutes * 60))

    @rule()
    def the_desk_wakes(self) -> None:
        self.does(self.house.wakes_the_desk())

    @rule(minutes=st.integers(1, 120))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.does(self.house.time_passes(-minutes * 60))

    @precondition(lambda self: hasattr(self, "house"))
    @rule()
    def it_holds(self) -> None:
        assert self.does(self.house.holds()) == []

    @invariant()
    def another_step(self) -> None:
        type(self).steps += 1

    def teardown(self) -> None:
        if hasattr(self, "house"):
            try:
                assert self.does(self.house.holds()) == []
            finally:
                self.does(self.house.closes())
                shutil.rmtree(self.house.folder)
        self._loop.close()


def test_whatever_happens(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made: list[str] = []
    source = request.getfixturevalue("sqlite_template" if engine == "sqlite" else "postgres_server")

    class OnThisEngine(Anything):
        @staticmethod
        def fresh_database() -> str:
            if engine == "postgres":
                made.append(asyncio.run(source.create()))
            else:
                made.append(f"sqlite://{shutil.copyfile(source, tmp_path / f'{len(made)}.db')}")
            return made[-1]

    phases = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
    given = settings(
        max_examples=HISTORIES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OnThisEngine, settings=given)
    assert OnThisEngine.steps >= LEAST
    for url in made if engine == "postgres" else ():
        asyncio.run(source.drop(url))
