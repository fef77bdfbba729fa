"""A fact that was put right: what stood there before goes with the request, and out of the desk's chats."""

import json

import pytest

from models.contacts import Contact
from models.inbox import InboxEvent, InboxKind, InboxState
from models.requests import JournalEntry, Request
from models.rights import DataRight
from models.sealing.rows import SCRUBBED
from office import correcting, data_rights, erasure
from office.correcting import NothingToCorrect, Wanted
from office.requests import printed
from tests.office.world import NOW, World, act


async def test_what_was_wrong_is_sealed_and_is_erased_with_the_person(world: World) -> None:
    yanti = await world.operator()
    chat = await world.bound(yanti)
    request = await world.submitted(citizen=await world.citizen("Yos"))
    contact = await Contact.get(id=request.contact_id)
    await act(lambda: data_rights.ask(contact, DataRight.CORRECT, "whatsapp", "1234", NOW))
    heard = await InboxEvent.create(
        office_id=world.office_id,
        contact_id=chat.id,
        channel="telegram",
        account="bot",
        external_id="1",
        kind=InboxKind.MESSAGE,
        body='{"text": "Maria Tungga salah tulis"}',
        received_at=NOW,
        state=InboxState.DONE,
    )
    wanted = Wanted(name="Mariah Tunggal", ends=False)
    for name in ("Maria Tungga", " "):
        with pytest.raises(NothingToCorrect):
            await act(lambda name=name: correcting.correct(1, printed(request), Wanted(name), yanti, NOW))
    await act(lambda: correcting.correct(1, printed(request), wanted, yanti, NOW))
    (entry,) = await JournalEntry.filter(action="correct")
    assert json.loads(entry.detail) == {"before": {"name": "Maria Tungga"}}

    await Request.filter(id=request.id).update(state="closed", closed_at=NOW)
    await act(lambda: erasure.erase(contact, NOW))
    assert "Tungga" not in (await JournalEntry.get(id=entry.id)).detail
    assert (await InboxEvent.get(id=heard.id)).body == SCRUBBED
