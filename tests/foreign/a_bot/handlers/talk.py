"""What people do to bots."""

import asyncio
from datetime import date

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from loader import bot
from models import Visit

router = Router()
left_behind: set[asyncio.Task[None]] = set()
gate = asyncio.Event()


@router.message(Command("count"))
async def count(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    visit = data.get("visit") or Visit(date(2026, 11, 24), {})
    visit.counts[7] = visit.counts.get(7, 0) + 1
    await state.update_data(visit=visit)
    await message.answer(f"{visit.day} <b>{visit.counts[7]}</b>")


@router.message(Command("where"))
async def where(message: Message, channel: str, contact: object, greeting: str, clock: str) -> None:
    from models import Visit as Again

    await bot.send_message(message.chat.id, f"{channel} {greeting} {clock} {Again is Visit}")


@router.message(Command("later"))
async def later(message: Message) -> None:
    async def say() -> None:
        await gate.wait()
        await bot.send_message(message.chat.id, "later")

    task = asyncio.create_task(say())
    left_behind.add(task)
    await message.answer("soon")


@router.message(Command("open"))
async def open_gate(message: Message) -> None:
    gate.set()
    await asyncio.gather(*left_behind)
    await message.answer("opened")


@router.message(Command("slow"))
async def slow(message: Message) -> None:
    gate.clear()
    await message.answer("please wait")
    await gate.wait()
    await message.answer("done")


@router.message(Command("break"))
async def fail(message: Message) -> None:
    await message.answer("before")
    raise OSError("no network")


@router.message(Command("file"))
async def file(message: Message) -> None:
    await message.answer_document(BufferedInputFile(b"isi", filename="isi.txt"), caption="isi")


@router.message(Command("keys"))
async def keys(message: Message) -> None:
    keyboard = [[InlineKeyboardButton(text="Add", callback_data="add")]]
    await message.answer("list", reply_markup=InlineKeyboardMarkup(inline_keyboard=keyboard))


@router.callback_query(F.data == "add")
async def add(query: CallbackQuery) -> None:
    await query.answer()
    message = query.message
    await message.edit_text(f"{message.text} +1", reply_markup=message.reply_markup)


@router.message(Command("tell"))
async def tell(message: Message) -> None:
    """/tell CHAT_ID: forwards and copies this very message, and the answer before it."""
    chat_id = int(message.text.split()[1])
    said = await message.answer("told")
    await message.forward(chat_id)
    await message.copy_to(chat_id)
    await bot.send_message(chat_id, f"from {(await bot.get_chat(message.chat.id)).first_name}")
    assert said.message_id


@router.message(Command("nobody"))
async def nobody(message: Message) -> None:
    from aiogram.exceptions import TelegramBadRequest

    for call in (bot.send_message(77, "x"), bot.copy_message(message.chat.id, message.chat.id, 2**41)):
        try:
            await call
        except TelegramBadRequest as error:
            await message.answer(error.message)


@router.message(Command("id"))
async def ident(message: Message) -> None:
    await message.answer(str(message.chat.id))


@router.message(Command("returned"))
async def returned(message: Message) -> object:
    return message.answer("returned")
