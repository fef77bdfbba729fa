"""Filters that find the draft a conversation is about."""

from typing import Any

from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, TelegramObject

from handlers.citizen.steps import STATES, Step
from handlers.citizen.taps import StepTap
from handlers.citizen.turn import draft_in
from models.contacts import Contact


class InForm(Filter):
    """The conversation stands at one of these steps (any, without one) of a draft; hands in ``request``."""

    def __init__(self, *states: State) -> None:
        self._states = {state.state for state in states or STATES.values()}

    async def __call__(
        self, event: TelegramObject, state: FSMContext, contact: Contact, raw_state: str | None = None
    ) -> bool | dict[str, Any]:
        if raw_state not in self._states:
            return False
        request = await draft_in(state, contact)
        return {"request": request} if request is not None else False


class Answers(Filter):
    """A tap on the keyboard of just the step, and just the draft, that the conversation stands at.

    Hands in ``request`` and ``value``.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._in_form = InForm(STATES[step])

    async def __call__(
        self, callback: CallbackQuery, state: FSMContext, contact: Contact, raw_state: str | None = None
    ) -> bool | dict[str, Any]:
        try:
            tap = StepTap.unpack(callback.data or "")
        except (TypeError, ValueError):
            return False
        if tap.step is not self._step:
            return False
        found = await self._in_form(callback, state, contact, raw_state)
        if not isinstance(found, dict) or found["request"].id != tap.request:
            return False
        return {**found, "value": tap.value}
