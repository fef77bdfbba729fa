"""The citizen's conversation, on every channel alike."""

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from handlers import middleware
from handlers.citizen import (
    apply,
    choosing,
    comment,
    confirm,
    consent,
    corrections,
    genuine,
    identity,
    language,
    leaving,
    linking,
    menu,
    mid_form,
    my_data,
    new_hands,
    paper_page,
    papers,
    person,
    status,
    turn,
    unknown,
    village,
)


class InPrivate(Filter):
    """A chat of one person with the office; groups are none of ours."""

    async def __call__(self, event: Message | CallbackQuery) -> bool:
        message = event if isinstance(event, Message) else event.message
        return message is None or message.chat.type == ChatType.PRIVATE


def router() -> Router:
    """All of it, in this order: words that work everywhere, the form's steps, papers, what is left over."""
    here = Router(name="citizen")
    for observer in (here.message, here.edited_message, here.callback_query):
        observer.filter(InPrivate())
    middleware.install(here)
    turn.install(here)
    here.include_routers(
        comment.router(),
        new_hands.router(),
        genuine.router(),
        menu.router(),
        leaving.router(),
        person.router(),
        language.router(),
        linking.router(),
        consent.router(),
        my_data.router(),
        paper_page.router(),
        status.router(),
        unknown.commands_router(),
        person.words_router(),
        genuine.words_router(),
        my_data.words_router(),
        choosing.router(),
        apply.router(),
        identity.router(),
        village.router(),
        corrections.amid_a_form_router(),
        papers.router(),
        confirm.router(),
        mid_form.router(),
        corrections.router(),
        unknown.router(),
    )
    return here
