"""A message that kills the process is set aside in the end, and nobody else is taken for it."""

import signal
from pathlib import Path

import pytest

from bot.directory import Directory
from bot.handling import MOST_TRIES
from bot.inbox import Inbox
from models.contacts import Address
from models.database import close_database, open_database
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage
from tests.core.channel import ACCOUNT, Clock, arrival
from tests.faults.poisoned_inbox import POISON, take_up
from tests.faults.short_form import only_in_the_soak
from tests.forked import forked


@pytest.mark.parametrize(
    "before",
    [pytest.param(0, id="poison first", marks=only_in_the_soak), pytest.param(2, id="poison between")],
)
async def test_what_kills_us_is_parked_after_five_tries_and_the_others_are_answered(
    database_url: str, tmp_path: Path, before: int
) -> None:
    said = [arrival(f"m{n}", f"orang{n}", text=f"halo {n}") for n in range(5)]
    said.insert(before, arrival("x", "jahat", text=POISON))
    said.append(arrival("y", "jahat", text="halo lagi"))
    await open_database(database_url)
    await Inbox(Directory(1), Clock()).store("whatsapp", ACCOUNT, said)
    await close_database()

    deaths = 0
    done_after: dict[str, int] = {}
    while (code := await forked(take_up, database_url, str(tmp_path))) != 0:
        assert code == -signal.SIGKILL
        deaths += 1
        assert deaths <= MOST_TRIES
        await open_database(database_url)
        for ident in await InboxEvent.filter(state=InboxState.DONE).values_list("external_id", flat=True):
            done_after.setdefault(str(ident), deaths)
        await close_database()

    await open_database(database_url)
    try:
        states = {row.external_id: row.state for row in await InboxEvent.all()}
        assert states.pop("x") is InboxState.PARKED
        assert (await InboxEvent.get(external_id="x")).error == "KilledUs"
        assert set(states.values()) == {InboxState.DONE}
        nice = [one.contact_id for one in await Address.all() if one.value.startswith("orang")]
        answers = await OutboxMessage.filter(contact_id__in=nice).count()
        assert answers == 5
    finally:
        await close_database()
    assert deaths == MOST_TRIES - 1  # what waits at a start is taken to have killed the one before
    assert {done_after[f"m{n}"] for n in range(5)} <= {1, 2}  # whoever was beside it, at the next start
