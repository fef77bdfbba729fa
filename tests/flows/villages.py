"""Village heads and their lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from python_calamine import CalamineWorkbook

from bot.sheets import workbook
from models.database import transaction
from models.staff import Staff
from office import staff, village_heads
from tests.flows.counter import TELEGRAM_SECRET, Counter
from tests.phone import Phone
from tests.phones import TelegramPhone

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
HEADINGS: Final = ("layanan", "nama", "nik", "desa")
LOST, FIRST_CARD, BIRTH = "KTP hilang", "KTP baru", "akta kelahiran"


def nik_of(number: int) -> str:
    """Of somebody of Lobalain, each another."""
    return f"53140155069{number:05}"


async def a_head(
    counter: Counter, village: str = "Oelua", name: str = "Yusuf Adoe", user_id: int = 5_000
) -> TelegramPhone:
    """The head of a village, bound on Telegram."""
    _, code = await transaction(lambda: village_heads.add(village, name, counter.clock()))
    phone = TelegramPhone(
        counter.telegram, f"{counter.url}/webhooks/telegram", TELEGRAM_SECRET, user_id=user_id, name=name
    )
    await phone.says(f"/masuk {code}")
    await phone.hears(containing="/desa")
    return phone


async def awakes(counter: Counter, head: Phone, name: str = "Yusuf Adoe") -> None:
    """A new code for a chat that was silent for long."""
    _, code = await transaction(lambda: staff.renew_code(name, counter.clock()))
    await head.says(f"/masuk {code}")
    await head.hears(containing="/desa")


async def member(name: str = "Yusuf Adoe") -> Staff:
    return await staff.one(name)


def a_list(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    """As Excel keeps it, every cell a text."""
    return workbook("Daftar", headings, rows)


async def hands_in(head: Phone, rows: Sequence[Sequence[str]], *, headings: Sequence[str] = HEADINGS) -> str:
    """Sends a list; gives what is said of it once it was checked."""
    await head.sends_document(a_list(rows, headings), "warga.xlsx", XLSX)
    return await checked(head)


async def checked(head: Phone) -> str:
    return (await head.hears(2)).partition("\0")[0]


def read(report: bytes | None) -> list[list[str]]:
    """The rows of a spreadsheet that came, its headings first."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(report or b""))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
