"""A list as it was checked, row by row, and the empty one to fill in: spreadsheets.

Names are shortened and no NIK stands in it: it lies in a chat, and on whatever it is opened with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.sheets import workbook
from office.batch_check import Checked
from office.batch_columns import Column
from office.names import short_name
from office.words import language, plain

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def report(called: str, rows: Sequence[Checked]) -> bytes:
    """In the language that is being spoken.  Takes seconds for thousands of rows: call it in a thread."""
    head = [plain(f"village-report-{column}") for column in ("row", "name", "service", "outcome", "why")]
    return workbook(called, head, map(_line, rows))


def empty_list() -> bytes:
    """The headings that are asked for, and nothing below."""
    return workbook(plain("village-list-sheet"), [column.value for column in Column], ())


def why(code: str, first: int | None, language_of: str | None = None) -> str:
    """Why a row is refused or worth a look, in words."""
    return plain(f"village-row-{code}", language_of, first=first or 0)


def _line(row: Checked) -> Sequence[str]:
    return (
        str(row.place),
        short_name(row.name),
        row.service.short.in_language(language()) if row.service is not None else "–",
        plain(f"village-outcome-{row.outcome.value}"),
        why(row.why, row.first) if row.why is not None else "",
    )
