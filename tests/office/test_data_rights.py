"""A data request ends once, whoever read it before it did."""

import pytest

from models.contacts import Contact
from models.rights import DataRequest, DataRequestEnd, DataRight
from office import data_rights
from office.data_rights import DataRequestOver
from tests.office.world import NOW, World, act


async def test_what_somebody_has_answered_meanwhile_is_not_answered_again(world: World) -> None:
    yanti = await world.operator()
    request = await world.submitted()
    contact = await Contact.get(id=request.contact_id)
    await act(lambda: data_rights.ask(contact, DataRight.RESTRICT, "whatsapp", "1234", NOW))
    read_before = await act(lambda: data_rights.take(1, yanti, NOW))
    await act(lambda: data_rights.refuse(1, "Tidak bisa.", yanti, NOW))
    with pytest.raises(DataRequestOver):
        await act(lambda: data_rights.end(read_before, DataRequestEnd.DONE, yanti, NOW))
    assert (await DataRequest.get(number=1)).ended_as is DataRequestEnd.REFUSED
