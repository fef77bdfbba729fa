"""``/usul``: the drafts of the village's lists that wait for papers; each goes on in the ordinary form."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.citizen.form import answered, together
from handlers.citizen.papers import take_held
from handlers.citizen.prompts import paper_names
from handlers.citizen.taps import keyboard
from handlers.citizen.turn import Turn
from handlers.operator.arguments import text
from handlers.operator.commands import called
from handlers.village.rights import IsHead
from handlers.village.taps import DraftTap
from models.requests import Request
from models.staff import Staff
from office import papers, village_drafts
from office.names import short_name
from office.requests import printed, service_of
from office.words import language, say


async def answer_command(message: Message, command: CommandObject, turn: Turn, head: Staff) -> None:
    typed = text(command)
    if typed:
        await go_on_with(turn, await village_drafts.numbered(typed, turn.contact, head, turn.now))
    else:
        await tell_waiting(turn, head)


async def tell_waiting(turn: Turn, head: Staff) -> None:
    """The oldest ones, each with what it lacks and a button."""
    drafts = await village_drafts.waiting(turn.contact, head)
    if not drafts:
        await turn.answer(say("village-drafts-none"))
        return
    count = (await village_drafts.standing(turn.contact, head)).waiting
    lines = [say("village-drafts", count=count), *[await _line(draft) for draft in drafts]]
    if count > len(drafts):
        lines.append(say("village-drafts-more", count=count - len(drafts)))
    told = together("\n".join(lines), say("village-drafts-how", number=printed(drafts[0])))
    await turn.answer(told, keyboard(*((printed(one), DraftTap(request=one.id)) for one in drafts)))


async def take_tap(callback: CallbackQuery, callback_data: DraftTap, turn: Turn, head: Staff) -> None:
    draft = await village_drafts.by_id(callback_data.request, turn.contact, head)
    if draft is None:
        await turn.answer(say("village-draft-gone"))
    else:
        await go_on_with(turn, draft)


async def go_on_with(turn: Turn, draft: Request) -> None:
    """Another form in hand is left as it is; papers that were kept meanwhile are this one's."""
    await turn.leave()
    about = say("village-draft", number=printed(draft), name=short_name(draft.subject_name))
    await answered(turn, draft, about, await take_held(turn, draft))


async def _line(draft: Request) -> str:
    missing = tuple((await papers.checklist(draft)).missing)
    return say(
        "village-drafts-line",
        number=printed(draft),
        name=short_name(draft.subject_name),
        service=service_of(draft).short.in_language(language()),
        missing=paper_names(missing) or "–",
    )


def router() -> Router:
    here = Router(name="village.drafts")
    here.message.register(answer_command, called("usul"), IsHead())
    here.callback_query.register(take_tap, DraftTap.filter(), IsHead())
    return here
