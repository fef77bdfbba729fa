"""The desk's commands in chat: plain aiogram routers, one subject each."""

from aiogram import Router

from handlers import middleware
from handlers.operator import (
    binding,
    broadcasts,
    calls,
    data_rights,
    decisions,
    dossier,
    help,
    holds,
    nik,
    outputs,
    papers,
    queue,
    retaining,
    search,
    senders,
    words,
)
from handlers.operator.staff_only import IN_PRIVATE, IsStaff, WithinTheirRole


def router() -> Router:
    """All that staff can do in a private chat.  It goes in front of the citizens' router.

    A chat that is bound is a staff chat: whatever is said there is answered here.  Any other chat passes by,
    but for ``/masuk``.
    """
    desk = Router(name="operator.desk")
    desk.message.filter(IN_PRIVATE, IsStaff())
    desk.message.middleware(WithinTheirRole())
    desk.include_routers(
        binding.router(),
        queue.router(),
        dossier.router(),
        nik.router(),
        search.router(),
        papers.router(),
        decisions.router(),
        outputs.router(),
        holds.router(),
        words.router(),
        calls.router(),
        data_rights.router(),
        broadcasts.router(),
        retaining.router(),
        senders.router(),
        help.router(),
        help.last(),
    )
    whole = Router(name="operator")
    middleware.install(whole)
    whole.include_routers(binding.door(), desk)
    return whole
