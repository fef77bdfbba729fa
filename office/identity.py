"""The NIK: what can be one, what wants a second look, and nothing more.

There is no check digit, and Permendagri 108/2019 Ps 15(3) keeps the NIK when a sex or birth date is
corrected: nothing about a person is ever derived from it, and it is never compared with what they state.
A KK number is built like a man's NIK and cannot be told from one by its digits, so that is not tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from office.refusal import Refusal
from office.regions import kecamatan_codes

LENGTH: Final = 16
WOMEN_ADD: Final = 40  # to the day of birth

_IN_WORDS: Final = re.compile(r"(?<!\d)\d(?:[\s.-]?\d){11}(?P<last_four>(?:[\s.-]?\d){4})(?!\d)", re.ASCII)

_PRINTED_BETWEEN_DIGITS: Final = ".-\u2010\u2011\u2012\u2013\u200e\u202a\u202c"  # and any white space


class NikUnreadable(Refusal):
    """What was typed cannot be a NIK.

    Facts: ``digits``, how many digits were typed; ``reason``, the word the office's vectors use.
    """


class NikNotDigits(NikUnreadable):
    """There is something else than the digits 0 to 9, such as the letter O for a zero."""


class NikWrongLength(NikUnreadable):
    """There are fewer or more than sixteen digits."""


class NikOneDigit(NikUnreadable):
    """One digit sixteen times: a filler."""


class Decision(StrEnum):
    """What to do with a NIK."""

    ACCEPT = "accept"
    CONFIRM = "confirm"  # ask once more, then accept with the flags shown to the operator
    REJECT = "reject"  # ask again


class Flag(StrEnum):
    """Why a NIK wants a second look; all of these exist on genuine cards."""

    UNKNOWN_KECAMATAN = "kecamatan_tidak_dikenal"
    IMPOSSIBLE_DATE = "tanggal_tidak_mungkin"
    SERIAL_0000 = "nomor_urut_0000"  # what Excel leaves of a 16-digit number


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the office reads a NIK: ``flags`` in the order of the digits, ``reason`` only when rejected."""

    decision: Decision
    flags: tuple[Flag, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Nik:
    """A NIK of sixteen digits, masked wherever it is printed.

    Shape: ``PPKKCC DDMMYY SSSS``: the kecamatan that first recorded the person, the birth date (day + 40 for
    women), a serial from 0001.
    """

    digits: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str) -> Nik:
        """Read a NIK with the spaces, dots and hyphens people write in it.

        Raises: `NikNotDigits`, `NikWrongLength`, `NikOneDigit`, all of them `NikUnreadable`.
        """
        joined = "".join(c for c in typed if not (c.isspace() or c in _PRINTED_BETWEEN_DIGITS))
        digits = sum(c in "0123456789" for c in joined)
        if digits != len(joined):
            raise NikNotDigits(digits=digits, reason="bukan_angka")
        if digits != LENGTH:
            raise NikWrongLength(digits=digits, reason=f"panjang_{digits}")
        if len(set(joined)) == 1:
            raise NikOneDigit(digits=digits, reason="satu_angka_berulang")
        return cls(joined)

    @property
    def last_four(self) -> str:
        """The only part that may be shown in chat, lists and logs."""
        return self.digits[-4:]

    @property
    def verdict(self) -> Verdict:
        """`Decision.ACCEPT`, or `Decision.CONFIRM` with what is unusual."""
        flags = tuple(
            flag
            for flag, raised in (
                (Flag.UNKNOWN_KECAMATAN, self.digits[:6] not in kecamatan_codes()),
                (Flag.IMPOSSIBLE_DATE, not _can_be_a_date(self.digits[6:12])),
                (Flag.SERIAL_0000, self.digits[12:] == "0000"),
            )
            if raised
        )
        return Verdict(Decision.CONFIRM if flags else Decision.ACCEPT, flags)

    def __str__(self) -> str:
        return "•" * 12 + self.last_four

    def __repr__(self) -> str:
        return f"Nik({self})"


def judge_nik(typed: str) -> Verdict:
    """How the office reads what was typed, whether it can be a NIK or not."""
    try:
        return Nik.parse(typed).verdict
    except NikUnreadable as unreadable:
        return Verdict(Decision.REJECT, reason=str(unreadable.facts["reason"]))


def masked(text: str) -> str:
    """Somebody's words, with all but four digits hidden of whatever could be a NIK or a KK number."""
    return _IN_WORDS.sub(lambda found: "•" * 12 + "".join(c for c in found["last_four"] if c.isdigit()), text)


def _can_be_a_date(ddmmyy: str) -> bool:
    """Whether a day of 19YY or of 20YY was meant; two digits do not say which."""
    day, month, year = int(ddmmyy[:2]), int(ddmmyy[2:4]), int(ddmmyy[4:])
    if day > WOMEN_ADD:
        day -= WOMEN_ADD
    return any(_is_a_day(century + year, month, day) for century in (1900, 2000))


def _is_a_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
