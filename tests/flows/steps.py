"""What people usually do, so that a test may begin where it is interesting."""

import asyncio
import re

from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.patience import PATIENCE
from tests.phone import Phone

NIK = "5314015506900001"  # of a woman of Lobalain; nothing is unusual about it
OPEN = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING)
NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]")


async def says(person: Phone, *texts: str) -> str:
    """Says one thing after the other, each after the answer to the last; gives the last answer."""
    answer = ""
    for text in texts:
        assert await person.says(text) == 200
        answer = await person.hears()
    return answer


async def comes_to_the_nik(citizen: Phone, service: str = "ktp hilang", *, name: str = "Maria Ndun") -> str:
    """From the first word to the NIK, or to the page where it is typed."""
    await says(citizen, "halo")
    await citizen.says(service)
    await citizen.hears(containing="LANJUT")
    return await says(citizen, "lanjut", "1", name)


async def comes_to_the_papers(
    citizen: Phone,
    service: str = "ktp hilang",
    *,
    nik: str | None = None,
    name: str = "Maria Ndun",
    village: str = "metina",
) -> str:
    """From the first word to the request for papers.  Without a ``nik`` it is left to the operator."""
    await comes_to_the_nik(citizen, service, name=name)
    if nik is None:
        await citizen.taps("Lewati")
    else:
        await citizen.says(nik)
    await citizen.hears(containing="desa/kelurahan")
    await says(citizen, village)
    await citizen.taps("Ya, benar")
    return await citizen.hears(containing="mohon kirim foto")


async def files_a_lost_card(citizen: Phone, *, nik: str | None = None, village: str = "metina") -> str:
    """A whole request with two photos; gives its number."""
    await comes_to_the_papers(citizen, nik=nik, village=village)
    await citizen.sends_album([pictures.jpeg(1), pictures.jpeg(2)])
    await citizen.hears(containing="2 dari 2")
    await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    return number_in(await citizen.hears(containing="sudah diterima"))


async def has_everything_erased(citizen: Phone) -> None:
    """Where nothing hinders it."""
    await says(citizen, "data saya")
    await citizen.taps("Hapus data")
    await citizen.hears(containing="tidak dapat dibatalkan")
    await citizen.taps("Ya, hapus semua")
    await citizen.hears(containing="sudah dihapus pada")


def number_in(text: str) -> str:
    """The request's number in what was said."""
    found = NUMBER.search(text)
    assert found, f"no request number in: {text}"
    return found.group()


async def settled(counter: Counter) -> None:
    """Everything that came in has been handled, and nothing was parked."""
    await counter.core.lanes.settled()
    assert await InboxEvent.exclude(state=InboxState.DONE).count() == 0


async def said(counter: Counter) -> None:
    """The same, and whatever came of it has been said; the clock stands still, nothing waits for later."""
    await settled(counter)
    async with asyncio.timeout(PATIENCE):
        while await OutboxMessage.filter(state__in=OPEN).exists():
            await asyncio.sleep(0.01)
