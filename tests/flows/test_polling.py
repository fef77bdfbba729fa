"""Telegram without a public address: the same handlers, by long polling."""

from pathlib import Path

from tests.flows.counter import open_counter
from tests.flows.steps import NIK, files_a_lost_card, says
from tests.phones import TelegramPhone


async def test_a_citizen_files_over_a_polled_telegram(database_url: str, tmp_path: Path) -> None:
    async with open_counter(database_url, tmp_path, telegram_mode="polling") as counter:
        citizen = TelegramPhone(counter.telegram, user_id=77, name="Maria")
        number = await files_a_lost_card(citizen, nik=NIK)
        assert number in await says(citizen, "status")
        assert counter.telegram.ledger.refused == []
