"""A process that dies of one word: it takes up what waits, and ends when all of it is done or parked."""

import asyncio
import os
import signal

from aiogram import Dispatcher, F
from aiogram.types import Message

from bot.fsm import DatabaseStorage
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from models.database import close_database, open_database
from tests.core.channel import Clock, TestChannel
from tests.core.test_delivery import render

POISON = "racun"


async def die(message: Message) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def answer(message: Message) -> None:
    await message.answer(f"terima kasih, {message.text}")


def dispatcher(storage: DatabaseStorage) -> Dispatcher:
    made = Dispatcher(storage=storage)
    made.message.register(die, F.text == POISON)
    made.message.register(answer)
    return made


async def _take_up(url: str, folder: str) -> None:
    await open_database(url)
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    core = Core([TestChannel()], dispatcher, storage, render, CoreOptions(office_id=1, clock=Clock()))
    await core.start()
    await core.lanes.settled()
    await core.stop()
    await close_database()


def take_up(url: str, folder: str) -> None:
    """As a process of its own."""
    asyncio.run(_take_up(url, folder))
