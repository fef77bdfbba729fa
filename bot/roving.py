"""A bot of no channel: the ``bot`` that somebody's module made for itself, and uses wherever it pleases."""

from collections.abc import AsyncGenerator
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetFile, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.itself import NOT_OURS, Itself
from bot.switchboard import Switchboard


class RovingSession(BaseSession):
    """Each call goes out on the channel of its step or of the chat that it names.

    ``switchboard`` is None until the channels are open: then nobody can be written to yet.
    """

    def __init__(self, itself: Itself) -> None:
        super().__init__()
        self._itself = itself
        self.switchboard: Switchboard | None = None

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        told = self._itself.answer(method, bot.id)
        if told is not NOT_OURS:
            return cast(TelegramType, told)
        session = None
        if self.switchboard is not None:
            about_a_file = isinstance(method, GetFile)
            session = self.switchboard.any() if about_a_file else await self.switchboard.session_for(method)
        if session is None:
            raise TelegramBadRequest(method=method, message="Bad Request: chat not found")
        return await session.make_request(bot, method, timeout)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        session = self.switchboard.any() if self.switchboard is not None else None
        if session is None:
            raise FileNotFoundError(url)
        async for chunk in session.stream_content(url, headers, timeout, chunk_size, raise_for_status):
            yield chunk

    async def close(self) -> None:
        """Nothing is held open."""
