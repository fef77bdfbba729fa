"""The office's own dispatcher."""

from aiogram import Dispatcher

from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters
from handlers import citizen, operator


def office_dispatcher(storage: DatabaseStorage) -> Dispatcher:
    """Staff first, then citizens."""
    dispatcher = Dispatcher(storage=storage)
    dispatcher.include_routers(operator.router(), citizen.router())
    inline_filters(dispatcher)
    return dispatcher
