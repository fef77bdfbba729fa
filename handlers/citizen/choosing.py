"""Choosing a service: a group, then one of its services, or its name typed at once."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.form import answered, stale, together
from handlers.citizen.person import hand_on
from handlers.citizen.prompts import paper_line
from handlers.citizen.steps import Choosing
from handlers.citizen.taps import GroupTap, Item, MenuTap, ServiceTap, Why, keyboard
from handlers.citizen.turn import Turn
from handlers.citizen.typed import HasText, wants_a_person
from office import requests
from office.catalogue import Service, ServiceUnknown
from office.context import office
from office.words import language, plain, say

_STATES: Final = {Why.APPLY: Choosing.apply, Why.NEEDS: Choosing.needs}


async def choose_group(turn: Turn, why: Why, *before: str) -> None:
    """Ask what it is about."""
    await turn.state.set_state(_STATES[why])
    groups = office().catalogue.groups
    await turn.answer(
        together(*before, say(f"citizen-choose-{why.value}")),
        keyboard(
            *((group.name.in_language(language()), GroupTap(why=why, group=group.key)) for group in groups)
        ),
    )


async def choose_service(turn: Turn, why: Why, group: str) -> None:
    """Ask which service of a group."""
    await turn.state.set_state(_STATES[why])
    services = office().catalogue.in_group(group)
    await turn.answer(
        say("citizen-choose-service"),
        keyboard(
            *((one.short.in_language(language()), ServiceTap(why=why, service=one.code)) for one in services),
            (plain("citizen-button-menu"), MenuTap(item=Item.HOME)),
        ),
    )


async def take_group(callback: CallbackQuery, callback_data: GroupTap, turn: Turn) -> None:
    unknown = not office().catalogue.in_group(callback_data.group)
    if unknown or await turn.draft() is not None:  # or an old list, tapped in the middle of a form
        await stale(turn)
        return
    await choose_service(turn, callback_data.why, callback_data.group)


async def take_service(callback: CallbackQuery, callback_data: ServiceTap, turn: Turn) -> None:
    try:
        service = office().catalogue.service(callback_data.service)
    except ServiceUnknown:
        await stale(turn)
        return
    if await turn.draft() is not None:
        await stale(turn)
        return
    await tell_or_start(turn, service, callback_data.why)


async def take_words(message: Message, turn: Turn, raw_state: str | None = None) -> None:
    """A service or a group by its name; other words go to a person."""
    why = Why.NEEDS if raw_state == Choosing.needs.state else Why.APPLY
    if service := office().catalogue.find(turn.text):
        await tell_or_start(turn, service, why)
    elif group := office().catalogue.find_group(turn.text):
        await choose_service(turn, why, group.key)
    elif wants_a_person(turn.text):
        await choose_group(turn, why, await hand_on(turn))
    else:
        await choose_group(turn, why, say("citizen-not-understood"))


async def tell_or_start(turn: Turn, service: Service, why: Why) -> None:
    if why is Why.NEEDS:
        await turn.leave()
        await turn.answer(
            about(service),
            keyboard(
                (plain("citizen-button-apply"), ServiceTap(why=Why.APPLY, service=service.code)),
                (plain("citizen-button-menu"), MenuTap(item=Item.HOME)),
            ),
        )
        return
    await start(turn, service)


async def start(turn: Turn, service: Service) -> None:
    """A new draft: what the service needs, and the first question of the form."""
    await turn.leave()
    request = await requests.start(service, turn.contact, str(turn.channel), turn.account, turn.now)
    await answered(turn, request, about(service))


def about(service: Service) -> str:
    """What a service is, who may ask for it, what it needs, and that it is free."""
    spoken = language()
    parts = [
        say("citizen-about", service=service.name.in_language(spoken)),
        say(
            "citizen-about-papers",
            papers="\n".join(map(paper_line, sorted(service.papers, key=lambda paper: not paper.required))),
        ),
        say("citizen-about-who", who=service.who_may_apply.sentence.in_language(spoken)),
    ]
    further = [text.in_language(spoken) for text in (*service.conditions, *service.notes)]
    if further:
        parts.append(say("citizen-about-notes", notes="\n".join(f"– {line}" for line in further)))
    if service.in_person is not None:
        parts.append(say("citizen-about-in-person", note=service.in_person.note.in_language(spoken)))
    parts.append(say("citizen-about-free"))
    return "\n".join(parts)


def router() -> Router:
    here = Router(name="citizen.choosing")
    here.callback_query.register(take_group, GroupTap.filter())
    here.callback_query.register(take_service, ServiceTap.filter())
    here.message.register(take_words, HasText(), Choosing.apply)
    here.message.register(take_words, HasText(), Choosing.needs)
    return here
