"""People who do what people do: ask, answer, send photos, say it twice, and go on when nobody answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.fakes import pictures
from tests.faults.town import SECRET_WORDS, Town
from tests.phone import NoSuchButton
from tests.phones import WhatsAppPhone
from tests.posted_phone import PostedPhone

PATIENCE = 2.0  # seconds that somebody waits for an answer before going on
SAYINGS = ("halo", "status", "menu", "ktp hilang", "kk baru", "batal", "jam buka", SECRET_WORDS, "ok", "0")
A_REQUEST = ("halo", "ktp hilang", "lanjut", "1", "Maria Kenari", "lewati", "metina", "ya, benar")


class Person:
    """``rng`` decides what they do; the same seed, the same life, as far as the office answers alike."""

    def __init__(self, phone: PostedPhone, seed: int) -> None:
        self.phone = phone
        self.rng = random.Random(seed)

    async def lives(self, enough: Callable[[], bool]) -> None:
        deeds: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (60, self._says_something),
            (10, self._sends_a_photo),
            (8, self._says_it_and_the_provider_repeats_it),
            (6, self._sends_photos_out_of_order),
            (6, self._taps_what_is_there),
            (6, self._sends_what_nobody_reads),
            (4, self._files_a_request),
        ]
        weights, acts = zip(*deeds, strict=True)
        while not enough():
            await self.rng.choices(acts, weights)[0]()
            await self._waits()

    async def _waits(self) -> None:
        with suppress(AssertionError):
            await self.phone.hears(within=PATIENCE)

    async def _says_something(self) -> None:
        await self.phone.says(self.rng.choice(SAYINGS))

    async def _sends_a_photo(self) -> None:
        await self.phone.sends_photo(pictures.jpeg(self.rng.randrange(20)))

    async def _says_it_and_the_provider_repeats_it(self) -> None:
        await self._says_something()
        await self.phone.repeats(self.rng.choice((1, 2)))

    async def _sends_photos_out_of_order(self) -> None:
        photos = [pictures.jpeg(self.rng.randrange(20)) for _ in range(3)]
        await self.phone.sends_album(photos, shuffle=self.rng.randrange(100), twice=(self.rng.randrange(3),))

    async def _taps_what_is_there(self) -> None:
        with suppress(NoSuchButton):
            if titles := self.phone.buttons:
                await self.phone.taps(self.rng.choice(titles))
                return
        await self._says_something()

    async def _sends_what_nobody_reads(self) -> None:
        await self.rng.choice((self.phone.sends_sticker, self.phone.sends_voice, self.phone.sends_unknown))()

    async def _files_a_request(self) -> None:
        """Says the lines of a whole request, whether or not the answers come through."""
        for line in A_REQUEST:
            await self.phone.says(line)
            await self._waits()
        await self._sends_photos_out_of_order()
        await self._waits()
        for line in ("selesai", "kirim"):
            await self.phone.says(line)
            await self._waits()
        await self.phone.says("batal")


def crowd(town: Town, size: int, seed: int) -> list[Person]:
    """As many as that, on three channels in turn."""
    comes = (town.on_whatsapp, town.on_messenger, town.on_telegram)
    return [Person(comes[n % 3](1000 + n), seed * 1000 + n) for n in range(size)]


async def everybody_files(
    phones: list[WhatsAppPhone], files: Callable[[WhatsAppPhone], Awaitable[object]]
) -> None:
    """A few at a time, in peace."""
    few = asyncio.Semaphore(8)

    async def one(phone: WhatsAppPhone) -> None:
        async with few:
            await files(phone)

    await asyncio.gather(*(one(phone) for phone in phones))
