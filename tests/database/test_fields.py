"""Where the two engines differ, and what we put before them so that nobody notices."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from tortoise.exceptions import OperationalError

from models.contacts import Contact
from models.counters import Counter
from models.database import is_postgres, rows
from models.fields import NaiveDatetime, storable
from models.inbox import InboxEvent, InboxKind

WIB = timezone(timedelta(hours=7))
TEN_IN_JAKARTA = datetime(2026, 11, 24, 10, 0, tzinfo=WIB)
SAME_IN_UTC = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NAIVE = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 - the trap itself


async def due(at: datetime) -> InboxEvent:
    return await InboxEvent.create(
        office_id=1,
        channel="webchat",
        account="web",
        external_id="1",
        kind=InboxKind.MESSAGE,
        body="{}",
        received_at=at,
    )


async def test_seven_hours_east_is_the_same_moment_when_created(database: str) -> None:
    event = await due(TEN_IN_JAKARTA)
    assert (await InboxEvent.get(id=event.id)).received_at == SAME_IN_UTC
    assert await InboxEvent.filter(received_at=SAME_IN_UTC).count() == 1


async def test_seven_hours_east_is_the_same_moment_when_updated(database: str) -> None:
    event = await due(SAME_IN_UTC - timedelta(days=1))
    await InboxEvent.filter(id=event.id).update(received_at=TEN_IN_JAKARTA)
    assert (await InboxEvent.get(id=event.id)).received_at == SAME_IN_UTC
    [row] = await rows("SELECT CAST(received_at AS TEXT) AS text FROM inbox")
    assert str(row["text"]).startswith("2026-11-24 03:00:00+00")

    event.received_at = TEN_IN_JAKARTA + timedelta(hours=1)
    await event.save(update_fields=["received_at"])
    assert (await InboxEvent.get(id=event.id)).received_at == SAME_IN_UTC + timedelta(hours=1)


async def test_seven_hours_east_is_the_same_moment_when_compared(database: str) -> None:
    await due(SAME_IN_UTC)
    minute = timedelta(minutes=1)
    assert await InboxEvent.filter(received_at__lte=TEN_IN_JAKARTA).count() == 1
    assert await InboxEvent.filter(received_at__lt=TEN_IN_JAKARTA).count() == 0
    assert await InboxEvent.filter(received_at__gt=TEN_IN_JAKARTA - minute).count() == 1
    assert await InboxEvent.filter(received_at__gte=TEN_IN_JAKARTA + minute).count() == 0
    assert await InboxEvent.filter(received_at__in=[TEN_IN_JAKARTA]).count() == 1
    assert await InboxEvent.filter(received_at__range=(TEN_IN_JAKARTA, TEN_IN_JAKARTA)).count() == 1
    found = await rows("SELECT id FROM inbox WHERE received_at <= $1", [TEN_IN_JAKARTA])
    assert len(found) == 1


async def test_a_moment_on_the_whole_second_sorts_before_the_next_microsecond(database: str) -> None:
    await due(SAME_IN_UTC)
    assert await InboxEvent.filter(received_at__lt=SAME_IN_UTC + timedelta(microseconds=1)).count() == 1
    assert await InboxEvent.filter(received_at__gt=SAME_IN_UTC - timedelta(microseconds=1)).count() == 1


async def test_a_time_without_a_zone_is_refused_everywhere(database: str) -> None:
    event = await due(SAME_IN_UTC)
    with pytest.raises(NaiveDatetime):
        await Contact.create(office_id=1, created_at=NAIVE)
    with pytest.raises(NaiveDatetime):
        await InboxEvent.filter(id=event.id).update(received_at=NAIVE)
    with pytest.raises(NaiveDatetime):
        await InboxEvent.filter(received_at__lte=NAIVE).count()
    with pytest.raises(NaiveDatetime):
        await InboxEvent.filter(received_at__in=[NAIVE]).count()
    with pytest.raises(NaiveDatetime):
        await rows("SELECT id FROM inbox WHERE received_at <= $1", [NAIVE])
    assert (await InboxEvent.get(id=event.id)).received_at == SAME_IN_UTC


async def test_postgres_refuses_a_nul_that_sqlite_keeps(database: str) -> None:
    if is_postgres():
        with pytest.raises(OperationalError):
            await Contact.create(office_id=1, language="a\x00b", created_at=SAME_IN_UTC)
    else:
        await Contact.create(office_id=1, language="a\x00b", created_at=SAME_IN_UTC)
    assert await Contact.all().count() == (0 if is_postgres() else 1)


async def test_neither_takes_half_a_character(database: str) -> None:
    with pytest.raises((UnicodeEncodeError, OperationalError)):
        await Contact.create(office_id=1, language="a\ud83d", created_at=SAME_IN_UTC)
    assert await Contact.all().count() == 0


@pytest.mark.parametrize(
    "typed", ["a\x00b", "a\ud83d", "\udc00\x00\ud83d", "Ibu Nur’aini 👩‍👧", "\x0b\x1f\r\n"]
)
async def test_storable_text_is_kept_alike_by_both(typed: str, database: str) -> None:
    contact = await Contact.create(office_id=1, name=storable(typed), created_at=SAME_IN_UTC)
    kept = (await Contact.get(id=contact.id)).name
    assert kept == storable(typed)
    assert len(kept) == len(typed)


async def test_a_number_beyond_64_bits_is_refused_by_both(database: str) -> None:
    with pytest.raises((OverflowError, OperationalError)):
        await Counter.create(office_id=1, name="queue", value=2**63)
    assert await Counter.all().count() == 0
