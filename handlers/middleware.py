"""Around every handler: what time it is, which language is spoken, and how a "no" is said."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, TelegramObject

from models.contacts import Contact
from office.refusal import Refusal
from office.refusal_words import refusal_text
from office.words import speaking

Clock = Callable[[], datetime]  # aware UTC
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class InTheirLanguage(BaseMiddleware):
    """Hands in ``now``, read once; speaks the contact's language; turns a `Refusal` into its sentence.

    Needs ``clock`` and ``contact`` among the workflow data.
    """

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        clock: Clock = data["clock"]
        contact: Contact = data["contact"]
        data["now"] = clock()
        with speaking(contact.language):
            try:
                done = await handler(event, data)
            except Refusal as refusal:
                await answer(event, data["bot"], refusal_text(refusal))
                done = None
            if isinstance(event, CallbackQuery):
                await event.answer()  # else the button shows for a minute that it works
            return done


def install(router: Router) -> None:
    """Put it around every handler of ``router`` and of the routers inside."""
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.middleware(InTheirLanguage())


async def answer(
    event: TelegramObject, bot: Bot, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """Say something in the private chat that ``event`` (a message or a tap) came from."""
    if isinstance(event, Message | CallbackQuery) and event.from_user is not None:
        await bot.send_message(event.from_user.id, text, reply_markup=keyboard)
