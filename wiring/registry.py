"""The office's own dispatcher."""

from aiogram import Dispatcher

from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters
from handlers import citizen, group, operator, village


def office_dispatcher(storage: DatabaseStorage) -> Dispatcher:
    """Groups first, which are served by nobody else; then staff, then village heads, then citizens."""
    dispatcher = Dispatcher(storage=storage)
    dispatcher.include_routers(group.router(), operator.router(), village.router(), citizen.router())
    inline_filters(dispatcher)
    return dispatcher
