"""Chats that speak for staff: bound by a code that works once, for a while, for one person."""

from datetime import timedelta

import pytest

from models.contacts import Contact
from models.database import transaction
from models.staff import BindingCode, Role, StaffBinding
from office import staff
from office.permissions import Deed
from office.staff import BadCode, StaffNotUnique, StaffUnknown, VillageOfHeadMissing
from tests.office.world import NOW, World, act


async def tries(code: str, chat: Contact, now: object = NOW) -> bool:
    """As the handler does: the refusal is an answer, and its count is committed."""

    async def answer() -> bool:
        try:
            await staff.bind(code, chat, "telegram", "bot", now)  # type: ignore[arg-type]
        except BadCode:
            return False
        return True

    return await transaction(answer)


async def test_a_code_binds_one_chat_once(world: World) -> None:
    yanti, code = await act(lambda: staff.add("  Yanti   Fanggidae ", Role.OPERATOR, NOW))
    one, other = await world.citizen(), await world.citizen()
    assert await tries(code.lower().replace("-", " "), one)
    assert not await tries(code, other)
    bound = await staff.of_contact(one)
    assert bound is not None and (bound.id, bound.name) == (yanti.id, "Yanti Fanggidae")
    assert await staff.of_contact(other) is None


async def test_the_code_itself_is_not_kept_and_cannot_be_guessed(world: World) -> None:
    _, code = await act(lambda: staff.add("Yanti", Role.OPERATOR, NOW))
    (row,) = await BindingCode.all()
    characters = code.replace("-", "")
    assert len(characters) * 5 >= 64 and characters not in row.code_hash
    assert len({(await act(lambda: staff.add("x", Role.OPERATOR, NOW)))[1] for _ in range(5)}) == 5


async def test_a_code_grows_old_and_a_new_one_voids_it(world: World) -> None:
    yanti, old = await act(lambda: staff.add("Yanti", Role.OPERATOR, NOW))
    chat = await world.citizen()
    new = await act(lambda: staff.new_binding_code(yanti, NOW))
    assert not await tries(old, chat)
    assert not await tries(new, chat, NOW + staff.CODE_LIVES)
    assert await tries(new, chat, NOW + staff.CODE_LIVES - timedelta(seconds=1))


async def test_after_five_wrong_codes_the_right_one_waits_an_hour(world: World) -> None:
    _, code = await act(lambda: staff.add("Yanti", Role.OPERATOR, NOW))
    guesser, other = await world.citizen(), await world.citizen()
    for guess in range(5):
        assert not await tries(f"K7Q2M-9FDX3-TR8W{guess}", guesser)
    assert not await tries(code, guesser)
    assert await tries(code, other) is True  # a guesser locks nobody else out
    later = NOW + timedelta(hours=1)
    _, second = await act(lambda: staff.add("Ferdi", Role.OPERATOR, later))
    assert await tries(second, guesser, later)


async def test_a_chat_serves_one_person_and_can_leave(world: World) -> None:
    yanti, ferdi = await world.operator("Yanti"), await world.operator("Ferdi")
    chat = await world.bound(yanti)
    code = await act(lambda: staff.new_binding_code(ferdi, NOW))
    assert await tries(code, chat)
    bound = await staff.of_contact(chat)
    assert bound is not None and bound.id == ferdi.id
    await act(lambda: staff.unbind(chat, NOW))
    assert await staff.of_contact(chat) is None


async def test_removing_somebody_takes_their_chats_and_codes(world: World) -> None:
    yanti = await world.operator("Yanti")
    chat = await world.bound(yanti)
    code = await act(lambda: staff.new_binding_code(yanti, NOW))
    await act(lambda: staff.remove(yanti.id, NOW))
    assert await StaffBinding.all().count() == 0
    assert not await tries(code, chat)
    assert await staff.listing() == []


async def test_a_name_has_to_lead_to_one_person(world: World) -> None:
    await world.operator("Yanti")
    await world.operator("yanti")
    with pytest.raises(StaffNotUnique):
        await act(lambda: staff.remove("YANTI", NOW))
    with pytest.raises(StaffUnknown):
        await act(lambda: staff.remove("Ferdi", NOW))


async def test_a_village_head_has_a_village(world: World) -> None:
    with pytest.raises(VillageOfHeadMissing):
        await act(lambda: staff.add("Bapak Nggi", Role.VILLAGE_HEAD, NOW))
    head = await world.operator("Bapak Nggi", Role.VILLAGE_HEAD)
    await world.bound(head)
    assert await staff.bound_chats(Deed.QUESTIONS) == []  # questions of citizens are not for him
