"""The desk: a member of staff on Telegram whose commands send citizens their notices."""

from __future__ import annotations

from contextlib import suppress

from tests.faults.town import Town
from tests.flows.steps import files_a_lost_card
from tests.phones import TelegramPhone, WhatsAppPhone


class Desk:
    """Ani, bound by the code that the terminal gave her."""

    def __init__(self, town: Town, phone: TelegramPhone) -> None:
        self.town = town
        self.phone = phone
        self._on_hold = False

    @classmethod
    async def opens(cls, town: Town, user_id: int = 9001) -> Desk:
        """While the office serves."""
        clock = town.clock().isoformat()
        said = await town.nursery.runs("operator", "add", "Ani", "--role", "operator", LOKET_CLOCK=clock)
        phone = town.on_telegram(user_id, name="Ani")
        await phone.says(said[-1][said[-1].index("/masuk") :])
        await phone.hears(containing="Ani")
        return cls(town, phone)

    async def takes(self, count: int) -> None:
        """The oldest of the queue, so many."""
        for _ in range(count):
            await self.phone.says("/ambil")
            await self.phone.receives(1)

    async def tells(self, numbers: str) -> int:
        """A notice to everybody whose request has one of these queue numbers: put off, or gone on with."""
        self._on_hold = not self._on_hold
        return await self.phone.says(f"/tunda {numbers} jaringan" if self._on_hold else f"/lanjut {numbers}")

    async def waits(self, seconds: float = 3.0) -> None:
        """For the answer, and not for ever."""
        with suppress(AssertionError):
            await self.phone.hears(within=seconds)


async def ready_for_pickup(town: Town) -> WhatsAppPhone:
    """Somebody whose card waits at the counter."""
    desk, maria = await Desk.opens(town), town.on_whatsapp(1)
    await files_a_lost_card(maria)
    await desk.takes(1)
    for command in ("/lengkap 1", "/siap 1"):
        await desk.phone.says(command)
        await desk.phone.hears()
    await town.comes_to_rest()
    return maria
