"""A bot that one word kills, for `run.py host`."""

import os
import signal

from aiogram import F, Router
from aiogram.types import Message

router = Router()


@router.message(F.text == "racun")
async def dies(_: Message) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@router.message(F.text == "galat")
async def breaks(_: Message) -> None:
    raise RuntimeError("not to be read anywhere: kenari-di-tambang")


@router.message()
async def answers(message: Message) -> None:
    await message.answer(f"baik: {message.text}")
