"""A process that takes in a photo and may be told to die before a row names it."""

import asyncio
import os
from collections.abc import Mapping

from aiogram import Dispatcher
from aiogram.types import Message

from bot.fsm import DatabaseStorage
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from models.database import close_database, open_database
from models.sealing import held
from tests.core.channel import Clock, TestChannel
from tests.core.test_delivery import render
from tests.fakes import pictures
from tests.sealed import KEYS, RING


async def answer(message: Message) -> None:
    await message.answer("sudah kami terima")


def dispatcher(storage: DatabaseStorage) -> Dispatcher:
    made = Dispatcher(storage=storage)
    made.message.register(answer)
    return made


async def _take_in(url: str, storage_url: str) -> None:
    await open_database(url)
    held.hold(KEYS, RING)
    channel = TestChannel()
    channel.media_bytes["photo"] = pictures.jpeg(1)
    storage = SealedStorage(Storage.open(storage_url))
    core = Core([channel], dispatcher, storage, render, CoreOptions(office_id=1, clock=Clock()))
    await core.start()
    await core.lanes.settled()
    await core.stop()
    await close_database()


def take_in(url: str, storage_url: str, environment: Mapping[str, str]) -> None:
    """As a process of its own."""
    os.environ.update(environment)
    asyncio.run(_take_in(url, storage_url))
