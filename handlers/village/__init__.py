"""What a village head can do in their own chat, besides all that any citizen can: plain aiogram routers."""

from aiogram import Router

from handlers import middleware
from handlers.citizen import turn
from handlers.village import drafts, home, lists
from handlers.village.rights import AwakeHead


def router() -> Router:
    """It goes in front of the citizens' router, to which everything passes that is not for a head.

    To any other chat a command of these is an unknown one.
    """
    desk = Router(name="village.desk")
    for observer in (desk.message, desk.callback_query):
        observer.middleware(AwakeHead())
    desk.include_routers(home.router(), drafts.router(), lists.router())
    whole = Router(name="village")
    middleware.install(whole)
    turn.install(whole)
    whole.include_routers(home.way_out(), desk)
    return whole
