"""One person's chats become one: a code from here, typed there, and a yes in both."""

from datetime import datetime, timedelta

import pytest

from models.contacts import Address, Contact, Conversation, LinkCode
from models.outbox import OutboxMessage
from models.requests import Request
from models.staff import Role, StaffBinding
from office import linking, requests, tries
from office.linking import BadLinkCode, LinkOfStaff, LinkOver, LinkToItself, SameChannelTwice
from office.places import Place
from tests.office.world import NOW, World, act

ON_WHATSAPP, ON_THE_WEB = ("whatsapp", "1234"), ("webchat", "web")
LATER = NOW + linking.CODE_LIVES


def buttons(code: LinkCode) -> list[tuple[str, str]]:
    return [("link-yes", f"yes {code.id}"), ("link-no", f"no {code.id}")]


async def at(world: World, place: tuple[str, str], value: str, name: str = "Maria Tungga") -> Contact:
    contact = await world.citizen(name)
    here = {"office_id": contact.office_id, "contact_id": contact.id, "channel": place[0]}
    await Address.create(**here, account=place[1], kind="wa_id", value=value, created_at=NOW)
    await Conversation.create(**here, account=place[1], window_expires_at=NOW + timedelta(hours=24))
    return contact


@pytest.fixture
async def maria(world: World) -> Contact:
    """She asks for the codes, on WhatsApp."""
    return await at(world, ON_WHATSAPP, "6281234567890")


@pytest.fixture
async def browser(world: World) -> Contact:
    """She types them on the web page, where nobody knows her yet."""
    return await at(world, ON_THE_WEB, "a" * 64)


async def code_of(contact: Contact, now: datetime = NOW) -> str:
    return await act(lambda: linking.new_code(contact, *ON_WHATSAPP, now))


async def types(code: str, contact: Contact, now: datetime = NOW) -> LinkCode:
    """As the handler does: a refusal is an answer, and what it counts is committed."""

    async def answer() -> LinkCode | Exception:
        try:
            return await linking.offer(code, contact, now)
        except (BadLinkCode, LinkToItself, LinkOfStaff, SameChannelTwice) as refusal:
            return refusal

    given = await act(answer)
    if isinstance(given, Exception):
        raise given
    return given


async def agrees(code: LinkCode, contact: Contact, now: datetime = NOW) -> None:
    await act(lambda: linking.agree(code.id, contact, *ON_THE_WEB, now, buttons))


async def confirms(code: LinkCode, contact: Contact, now: datetime = NOW) -> Place:
    return await act(lambda: linking.confirm(code.id, contact, now))


async def declines(code: LinkCode, contact: Contact, now: datetime = NOW) -> None:
    await act(lambda: linking.decline(code.id, contact, now))


async def notices() -> list[tuple[str, int, str]]:
    """Name, to whom and on which channel, in order."""
    return [(row.name, row.contact_id, row.channel) for row in await OutboxMessage.all().order_by("id")]


# ---------------------------------------------------------------------- the way through


async def test_a_code_and_two_yeses_make_one_person(world: World, maria: Contact, browser: Contact) -> None:
    here, there = await world.submitted(citizen=maria), await world.submitted(citizen=browser)
    code = await types((await code_of(maria)).lower().replace("-", " "), browser)
    assert await notices() == []  # only who typed it has been asked yet
    await agrees(code, browser)
    assert await notices() == [("link_asked", maria.id, "whatsapp")]
    assert await Request.filter(contact_id=maria.id).count() == 1  # nothing is joined before the second yes
    place = await confirms(code, maria)

    assert place == Place("webchat", "web")
    assert {one.id for one in await requests.of_contact(maria)} == {here.id, there.id}
    assert (await Contact.get(id=browser.id)).merged_into == maria.id
    assert await notices() == [("link_asked", maria.id, "whatsapp"), ("linked", maria.id, "webchat")]
    assert (await Request.get(id=there.id)).channel == "whatsapp"  # as filed: notices go there still


async def test_each_is_told_where_the_other_is(world: World, maria: Contact, browser: Contact) -> None:
    code = await types(await code_of(maria), browser)
    place = await Place.of(code.contact_id, code.channel, code.account)
    assert place.words("id") == "WhatsApp (nomor berakhiran 890)"
    assert place.words("en") == "WhatsApp (number ending in 890)"
    assert (await Place.of(browser.id, *ON_THE_WEB)).words("id") == "halaman web dinas"


async def test_the_question_ends_with_the_code(world: World, maria: Contact, browser: Contact) -> None:
    code = await types(await code_of(maria), browser)
    await agrees(code, browser)
    await agrees(code, browser)  # a second tap
    (asked,) = await OutboxMessage.all()
    assert asked.expires_at == LATER


# ---------------------------------------------------------------------- no


async def test_who_typed_the_code_may_say_no(world: World, maria: Contact, browser: Contact) -> None:
    code = await types(await code_of(maria), browser)
    await declines(code, browser)
    for again in (agrees(code, browser), declines(code, browser), confirms(code, maria)):
        with pytest.raises(LinkOver):
            await again
    assert await notices() == []


async def test_who_asked_for_the_code_may_say_no_and_the_other_hears_it(
    world: World, maria: Contact, browser: Contact
) -> None:
    code = await types(await code_of(maria), browser)
    await agrees(code, browser)
    await declines(code, maria)
    with pytest.raises(LinkOver):
        await confirms(code, maria)
    assert (await notices())[1:] == [("link_refused", browser.id, "webchat")]
    assert (await Contact.get(id=browser.id)).merged_into is None


async def test_a_yes_for_the_other_is_no_yes(world: World, maria: Contact, browser: Contact) -> None:
    """A tap can be made up: each of the two answers counts from its own side, and in its own order."""
    code, stranger = await types(await code_of(maria), browser), await world.citizen()
    for forged in (
        confirms(code, maria),  # nobody has agreed yet
        confirms(code, browser),
        agrees(code, maria),
        agrees(code, stranger),
        declines(code, stranger),
    ):
        with pytest.raises(LinkOver):
            await forged
    await agrees(code, browser)
    for forged in (confirms(code, browser), confirms(code, stranger)):
        with pytest.raises(LinkOver):
            await forged
    assert await Contact.exclude(merged_into=None).count() == 0


async def test_a_second_yes_changes_nothing(world: World, maria: Contact, browser: Contact) -> None:
    code = await types(await code_of(maria), browser)
    await agrees(code, browser)
    await confirms(code, maria)
    with pytest.raises(LinkOver):
        await confirms(code, maria)


# ---------------------------------------------------------------------- codes


async def test_a_code_is_kept_as_a_hash_and_is_never_a_word(world: World, maria: Contact) -> None:
    codes = {await code_of(maria) for _ in range(20)}
    assert len(codes) == 20
    assert all(linking.may_be_code(code) and len(code) == 9 for code in codes)
    assert not any(code.replace("-", "") in row.code_hash for row in await LinkCode.all() for code in codes)
    assert not any(map(linking.may_be_code, ("sekarang", "saya", "SOLO-1001", "?", "")))


async def test_a_code_grows_old_and_a_new_one_voids_it(
    world: World, maria: Contact, browser: Contact
) -> None:
    old, new = await code_of(maria), await code_of(maria)
    with pytest.raises(BadLinkCode):
        await types(old, browser)
    with pytest.raises(BadLinkCode):
        await types(new, browser, LATER)
    code = await types(new, browser, LATER - timedelta(seconds=1))
    await agrees(code, browser, LATER)  # typed at the last moment, there is time to answer
    with pytest.raises(LinkOver):
        await confirms(code, maria, LATER + linking.CODE_LIVES)


async def test_a_code_is_whose_typed_it_first(world: World, maria: Contact, browser: Contact) -> None:
    code, other = await code_of(maria), await at(world, ("telegram", "5"), "501")
    first = await types(code, browser)
    assert (await types(code, browser)).id == first.id
    with pytest.raises(BadLinkCode):
        await types(code, other)


async def test_after_five_wrong_codes_the_right_one_waits_an_hour(
    world: World, maria: Contact, browser: Contact
) -> None:
    other = await at(world, ("telegram", "5"), "501")
    for guess in range(tries.MOST_TRIES):
        with pytest.raises(BadLinkCode):
            await types(f"K7Q2-M9F{guess}", browser)
    code = await code_of(maria)
    with pytest.raises(BadLinkCode):
        await types(code, browser)
    hour = NOW + timedelta(hours=1)
    assert await types(await code_of(maria, hour), browser, hour)
    assert await types(await code_of(maria), other)  # nobody else has to wait


# ---------------------------------------------------------------------- who cannot be joined


async def test_ones_own_code_joins_nothing(world: World, maria: Contact) -> None:
    with pytest.raises(LinkToItself):
        await types(await code_of(maria), maria)


async def test_two_chats_of_one_channel_stay_two(world: World, maria: Contact) -> None:
    second = await at(world, ON_WHATSAPP, "6281300000000")
    with pytest.raises(SameChannelTwice) as refusal:
        await types(await code_of(maria), second)
    assert refusal.value.facts == {"channel": "WhatsApp"}


async def test_a_chat_of_staff_is_joined_to_none(world: World, maria: Contact, browser: Contact) -> None:
    desk = await world.bound(await world.operator())
    with pytest.raises(LinkOfStaff):
        await types(await code_of(maria), desk)
    code = await types(await code_of(maria), browser)
    await agrees(code, browser)
    head = await world.operator(role=Role.VILLAGE_HEAD)
    bound = await act(lambda: _bind(head.id, maria))
    assert bound
    with pytest.raises(LinkOfStaff):
        await confirms(code, maria)


async def _bind(staff_id: int, contact: Contact) -> bool:
    await StaffBinding.create(
        office_id=contact.office_id,
        staff_id=staff_id,
        contact_id=contact.id,
        channel="whatsapp",
        account="1234",
        bound_at=NOW,
    )
    return True


async def test_who_was_joined_elsewhere_meanwhile_is_not_joined_again(
    world: World, maria: Contact, browser: Contact
) -> None:
    yakob = await at(world, ("telegram", "5"), "501")
    code = await types(await code_of(maria), browser)
    await agrees(code, browser)
    other = await types(await code_of(yakob), browser)
    await agrees(other, browser)
    await confirms(other, yakob)
    with pytest.raises(LinkOver):
        await confirms(code, maria)
    assert (await Contact.get(id=browser.id)).merged_into == yakob.id


async def test_a_code_from_a_number_with_new_hands_is_void(
    world: World, maria: Contact, browser: Contact
) -> None:
    code = await code_of(maria)
    await Conversation.filter(contact_id=maria.id).update(reverify_since=NOW)
    with pytest.raises(BadLinkCode):
        await types(code, browser)
