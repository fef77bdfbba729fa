"""Claims over many accounts: each gets its own, and an office's token opens no other's row."""

from datetime import timedelta

from bot import claims
from bot.claims import Room
from models.contacts import Contact
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.core.channel import NOW

ACCOUNTS = 3 * claims.ACCOUNTS_AT_ONCE + 1
UNTIL = NOW + timedelta(seconds=45)


async def queued(account: str, office_id: int) -> OutboxMessage:
    contact = await Contact.create(office_id=office_id, created_at=NOW)
    return await OutboxMessage.create(
        office_id=office_id,
        contact_id=contact.id,
        channel="telegram",
        account=account,
        kind=OutboxKind.REPLY,
        name="sendMessage",
        payload="{}",
        due_at=NOW,
        created_at=NOW,
    )


async def test_as_many_accounts_as_there_are_get_their_rows(database: str) -> None:
    rows = [await queued(str(number), 1000 + number) for number in range(ACCOUNTS)]
    rooms = {("telegram", row.account): Room(row.office_id, replies=1, notices=1) for row in rows}
    assert sorted(await claims.claim(rooms, "t", UNTIL, NOW)) == [row.id for row in rows]
    assert await OutboxMessage.filter(state=OutboxState.CLAIMED, token="t").count() == ACCOUNTS
    assert await claims.claim(rooms, "u", UNTIL, NOW) == []


async def test_a_row_of_another_office_is_nobodys_here(database: str) -> None:
    await queued("1", 1)
    assert await claims.claim({("telegram", "1"): Room(2, replies=9, notices=9)}, "t", UNTIL, NOW) == []


async def test_no_more_is_claimed_than_there_is_room_for(database: str) -> None:
    for _ in range(5):
        await queued("1", 1)
    for left in (4, 3, 2, 1, 0):
        assert (
            len(await claims.claim({("telegram", "1"): Room(1, replies=1, notices=1)}, "t", UNTIL, NOW)) == 1
        )
        assert await OutboxMessage.filter(state=OutboxState.QUEUED).count() == left
