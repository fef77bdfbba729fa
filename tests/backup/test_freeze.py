"""Nothing leaves a restored copy before its release, and never by itself what the original may have sent."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import claims, freeze
from bot.claims import Room
from bot.freeze import DOUBTFUL, DOUBTFUL_SENDING, NotFrozen, NotSettled
from bot.metrics import exposition
from models.contacts import Contact
from models.database import close_database, open_database, transaction
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.backup.conftest import BROUGHT, OFFICE, Office, said

LATER = BROUGHT + timedelta(hours=1)
ROOM = Room(office_id=OFFICE, replies=99, notices=99)
ROOMS = {("whatsapp", "1"): ROOM, ("sms", "1"): ROOM}


@pytest.fixture
async def original(office: Office) -> AsyncIterator[Office]:
    """Open, to put more into its outbox; closed by `brought_back`."""
    await open_database(office.url)
    yield office
    await close_database()


async def bring_back(office: Office, *, idempotent: str = "none") -> None:
    """The copy instead of the original is open from here on."""
    await close_database()
    await office.taken()
    await office.brought_back(idempotent=[idempotent])
    await open_database(office.empty)


async def claimed() -> list[int]:
    return await claims.claim(ROOMS, "t", LATER + timedelta(seconds=45), LATER)


async def states(**which: object) -> Counter[tuple[str, str | None]]:
    return Counter((row.state.value, row.failure) for row in await OutboxMessage.filter(**which))


async def settle() -> None:
    await transaction(lambda: freeze.settle(BROUGHT))


async def release(*, also_doubtful: bool = False) -> freeze.Waiting:
    return await transaction(lambda: freeze.release(LATER, also_doubtful=also_doubtful))


async def test_what_waited_is_in_doubt_and_what_had_ended_stays(original: Office) -> None:
    await bring_back(original)
    assert await states() == {
        ("unknown", DOUBTFUL): 2,  # queued, claimed
        ("unknown", DOUBTFUL_SENDING): 1,
        ("sent", None): 1,
        ("failed", None): 1,
        ("unknown", None): 1,
        ("cancelled", None): 1,
        ("expired", None): 1,
    }
    assert await OutboxMessage.filter(lease_until__isnull=False).count() == 0


async def test_what_the_platform_named_went_to_the_original_so_its_silence_here_says_nothing(
    original: Office,
) -> None:
    in_doubt = OutboxMessage.filter(state=OutboxState.UNKNOWN)
    await in_doubt.update(unknown_at=BROUGHT - timedelta(hours=30))
    await bring_back(original)
    assert await OutboxMessage.filter(state=OutboxState.UNKNOWN, unknown_at__isnull=False).count() == 0


async def test_what_a_receipt_had_settled_is_sent(original: Office) -> None:
    maria = await Contact.all().first()
    assert maria is not None
    row = await said(maria, OutboxState.SENDING, receipt=Receipt.TAKEN)
    await bring_back(original)
    now = await OutboxMessage.get(id=row.id)
    assert (now.state, now.sent_at) == (OutboxState.SENT, BROUGHT)


async def test_where_a_row_is_shown_once_it_goes_on_waiting(original: Office) -> None:
    maria = await Contact.all().first()
    assert maria is not None
    for state in (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING):
        await said(maria, state, channel="sms", due_at=BROUGHT, token="old", lease_until=BROUGHT)
    await bring_back(original, idempotent="sms")
    assert await states(channel="sms") == {("queued", None): 3}
    await settle()
    assert await states(channel="sms") == {("queued", None): 3}


async def test_nothing_is_claimed_until_the_release(original: Office) -> None:
    await bring_back(original)
    await settle()
    maria = await Contact.all().first()
    assert maria is not None
    new = await said(maria, OutboxState.QUEUED, created_at=LATER)
    stray = await said(maria, OutboxState.QUEUED, channel="messenger", created_at=LATER)
    assert await claimed() == []
    assert await claims.claim_strays(list(ROOMS), "t", LATER, LATER) == []
    assert b"loket_outbox_frozen 1.0" in await exposition()

    assert await release() == freeze.Waiting(queued=2, doubtful=3)
    assert await claimed() == [new.id]
    assert await claims.claim_strays(list(ROOMS), "t", LATER, LATER) == [stray.id]
    assert b"loket_outbox_frozen 0.0" in await exposition()


async def test_what_the_copy_says_before_it_has_settled_is_in_doubt(original: Office) -> None:
    await bring_back(original)
    maria = await Contact.all().first()
    assert maria is not None
    early = await said(maria, OutboxState.QUEUED, created_at=BROUGHT)
    await settle()
    late = await said(maria, OutboxState.QUEUED, created_at=LATER)
    await settle()  # a second start
    await release()
    assert await states(id=early.id) == {("unknown", DOUBTFUL): 1}
    assert await claimed() == [late.id]


async def test_who_knows_that_nothing_was_sent_lets_all_go_but_what_had_begun(original: Office) -> None:
    await bring_back(original)
    await settle()
    assert await release(also_doubtful=True) == freeze.Waiting(queued=2, doubtful=1)
    assert await states(failure=DOUBTFUL_SENDING) == {("unknown", DOUBTFUL_SENDING): 1}
    assert len(await claimed()) == 1  # the other stands behind it in the conversation


async def test_it_is_released_once_and_not_before_it_was_started(original: Office) -> None:
    with pytest.raises(NotFrozen):
        await release()
    await bring_back(original)
    with pytest.raises(NotSettled):
        await release()
    await settle()
    await release()
    with pytest.raises(NotFrozen):
        await release()


async def test_a_backup_of_a_frozen_copy_is_frozen_twice_and_released_once(
    original: Office,
) -> None:
    await bring_back(original)
    freezes = await freeze.Freeze.all()
    assert [(f.taken_at < f.restored_at, f.released_at) for f in freezes] == [(True, None)]
    await freeze.Freeze.create(taken_at=BROUGHT, restored_at=LATER)
    await settle()
    await release()
    assert await freeze.frozen() is None
