"""A number that may have another owner: how to prove that it has not, and nothing else.

Nothing is filed meanwhile either.  Whoever has the number now says so and begins as somebody else.
"""

from typing import Any, Final

from aiogram import F, Router
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.citizen.corrections import ask_where, open_requests
from handlers.citizen.form import tell, together
from handlers.citizen.genuine import AsksIfGenuine, found
from handlers.citizen.linking import AsksToLink
from handlers.citizen.person import hand_on, invite
from handlers.citizen.scans import papers_in
from handlers.citizen.steps import Talk
from handlers.citizen.taps import AfreshTap, Item, MenuTap, PaperSent, keyboard
from handlers.citizen.turn import Scan, Turn
from handlers.citizen.typed import PERSON, BringsPapers, HasText, NamesRequest, Says
from models.contacts import Contact
from models.files import StoredFile
from office import new_hands
from office.genuine import Typed
from office.words import plain, say

_SENT_IN_DOUBT: Final = "in_doubt"  # [[file id, caption or null], …]: nobody knows yet whose papers they are


class InDoubt(Filter):
    """The number may have new hands; a doubt about somebody of whom we know nothing is dropped."""

    async def __call__(
        self,
        event: Message | CallbackQuery,
        contact: Contact,
        channel: str,
        account: str,
        state: FSMContext,
        in_doubt: bool = False,
    ) -> bool:
        if not in_doubt:
            return False
        if await new_hands.anything_to_guard(contact) or await state.get_data():
            return True
        await new_hands.settle(contact, str(channel), account)
        return False


async def take_number(message: Message, turn: Turn, typed_number: str) -> None:
    await new_hands.prove_by_number(typed_number, turn.contact, str(turn.channel), turn.account, turn.now)
    await welcome_back(turn)


async def take_code(message: Message, turn: Turn, typed_code: str) -> None:
    if not typed_code:
        await ask_for_proof(message, turn)
        return
    await new_hands.prove_by_code(typed_code, turn.contact, str(turn.channel), turn.account, turn.now)
    await welcome_back(turn)


async def welcome_back(turn: Turn) -> None:
    """Everything is there again; papers that came meanwhile get their place."""
    held = await _taken_out(turn)
    await turn.hold(held)
    if held:
        await ask_where(turn, await open_requests(turn), say("citizen-hands-proved"))
    else:
        await tell(turn, say("citizen-hands-proved"))


async def check_code(message: Message, turn: Turn, code: Typed) -> None:
    """Whether a message is ours anybody may ask; nothing of a form or a request is told meanwhile."""
    if not code.word:
        await prove(turn)
        return
    await turn.answer(await found(turn, code))


async def ask_for_person(event: Message | CallbackQuery, turn: Turn) -> None:
    await invite(turn, Talk.words)


async def take_words(message: Message, turn: Turn) -> None:
    """What was asked for by ``0``; staff see that the number is in doubt, and nothing of a case is told."""
    await turn.state.set_state(None)
    said = plain("citizen-hands-mark", "id") + " " + turn.text
    await turn.answer(await hand_on(turn, None, said))


async def take_papers(event: Message | CallbackQuery, turn: Turn) -> None:
    sent = [[scan.id, caption] for scan, caption in papers_in(turn)]
    before = (await turn.state.get_data()).get(_SENT_IN_DOUBT) or []
    await turn.state.update_data({_SENT_IN_DOUBT: before + sent})
    await prove(turn, say("citizen-hands-kept"))


async def ask_for_proof(event: Message | CallbackQuery, turn: Turn) -> None:
    await prove(turn)


async def prove(turn: Turn, *before: str) -> None:
    """The person comes first: a ``1`` typed without thinking does no harm."""
    await turn.answer(
        together(*before, say("citizen-hands-prove")),
        keyboard(
            (plain("citizen-button-person"), MenuTap(item=Item.PERSON)),
            (plain("citizen-button-afresh"), AfreshTap(sure=False)),
        ),
    )


async def start_afresh(callback: CallbackQuery, callback_data: AfreshTap, turn: Turn) -> None:
    """The number is somebody else's, who begins anew; asked twice, for there is no way back.

    The greeting comes as a notice: whoever tapped is no longer the contact that this step belongs to.
    """
    if not callback_data.sure:
        await turn.answer(
            say("citizen-hands-sure"),
            keyboard((plain("link-yes"), AfreshTap(sure=True)), (plain("link-no"), MenuTap(item=Item.HOME))),
        )
        return
    await _taken_out(turn)
    await new_hands.start_afresh(turn.contact, str(turn.channel), turn.account, turn.now)


async def _taken_out(turn: Turn) -> list[Scan]:
    data: dict[str, Any] = await turn.state.get_data()
    sent = data.pop(_SENT_IN_DOUBT, [])
    await turn.state.set_data(data)
    scans = {scan.id: scan for scan in await StoredFile.filter(id__in=[scan_id for scan_id, _ in sent])}
    return [(scans[scan_id], caption) for scan_id, caption in sent if scan_id in scans]


def router() -> Router:
    """Before everything else: what comes here goes no further."""
    here = Router(name="citizen.new_hands")
    for observer in (here.message, here.edited_message, here.callback_query):
        observer.filter(InDoubt())
    here.message.register(take_code, AsksToLink())
    here.message.register(take_number, HasText(), NamesRequest(asked=True))
    here.message.register(check_code, HasText(), AsksIfGenuine())
    here.message.register(ask_for_person, Says(PERSON))
    here.message.register(take_words, HasText(), Talk.words)
    here.message.register(take_papers, BringsPapers())
    here.message.register(ask_for_proof)
    here.edited_message.register(ask_for_proof)
    here.callback_query.register(take_papers, PaperSent.filter())
    here.callback_query.register(start_afresh, AfreshTap.filter())
    here.callback_query.register(ask_for_person, MenuTap.filter(F.item == Item.PERSON))
    here.callback_query.register(ask_for_proof)
    return here
