"""The conversation: ``/start N`` → ``menu N``, a name → ``confirm NAME``, ``yes`` → ``done NAME``."""

from aiogram import F, Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message


class Talk(StatesGroup):
    name = State()
    confirm = State()


async def start(message: Message, command: CommandObject, state: FSMContext) -> None:
    await state.set_state(Talk.name)
    await message.answer(f"menu {command.args or ''}")


async def name(message: Message, state: FSMContext) -> None:
    await state.update_data(name=message.text)
    await state.set_state(Talk.confirm)
    await message.answer(f"confirm {message.text}")


async def confirm(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    await state.clear()
    await message.answer(f"done {data['name']}")


def router() -> Router:
    here = Router(name="talk")
    here.message.register(start, CommandStart())
    here.message.register(name, Talk.name, F.text)
    here.message.register(confirm, Talk.confirm, F.text == "yes")
    return here
