"""Telephone numbers: understood once, kept as E.164."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from office.refusal import Refusal

HOME: Final = "ID"
LONGEST: Final = 15  # digits, country code included: ITU-T E.164

LINKS: Final = Path(__file__).parent.parent / "catalog" / "chat_links.txt"


def chat_links() -> list[str]:
    """What stands before a number in a link to a chat with it: ``wa.me/``."""
    lines = LINKS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _link_in_front() -> re.Pattern[str]:
    """A chat link in front of the number; the number itself must still be whole."""
    links = "|".join(map(re.escape, chat_links()))
    return re.compile(rf"^(?:https?://)?(?:www\.)?(?:{links})|^tel:", re.IGNORECASE)


_LINK: Final = _link_in_front()
# What contact cards and word processors leave around a copied number: marks of writing direction.
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_DIGITS_AND_BETWEEN: Final = re.compile(r"\+?[0-9\s().\-/\u2010-\u2013]+")

_REACHABLE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class PhoneUnreadable(Refusal):
    """What was typed is not a mobile number.  Facts: ``reason``."""


class PhoneHasLetters(PhoneUnreadable):
    """A letter stands among the digits.  phonenumbers would drop it and give somebody else's number."""


class PhoneNotANumber(PhoneUnreadable):
    """Not a number of any country.  Reasons: ``too_short``, ``too_long``, ``unknown``."""


class PhoneIsLandline(PhoneUnreadable):
    """A number that is no mobile number, such as 0380 (Kupang and Rote): chat does not reach it."""


def to_e164(typed: str) -> str:
    """The number as ``+6281234567890``; without a country code it is Indonesian.

    Other countries keep theirs: +670, Timor-Leste, is common in NTT.
    Raises: `PhoneHasLetters`, `PhoneNotANumber`, `PhoneIsLandline`, all of them `PhoneUnreadable`.
    """
    written = _without_link(typed.translate(_INVISIBLE).strip())
    if any(character.isalpha() for character in written):
        raise PhoneHasLetters(reason="letters")
    if not _DIGITS_AND_BETWEEN.fullmatch(written):
        raise PhoneNotANumber(reason="unknown")
    number = _parsed(written)
    if not phonenumbers.is_valid_number(number):
        raise PhoneNotANumber(reason=_what_is_wrong(number))
    if phonenumbers.number_type(number) not in _REACHABLE:
        raise PhoneIsLandline(reason="landline")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_link(written: str) -> str:
    link = _LINK.match(written)
    return re.split("[?&]", written[link.end() :])[0] if link else written


def _parsed(written: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(written, HOME)
    except NumberParseException as error:
        reason = {
            NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
            NumberParseException.TOO_SHORT_NSN: "too_short",
            NumberParseException.TOO_LONG: "too_long",
        }.get(error.error_type, "unknown")
        raise PhoneNotANumber(reason=reason) from error


def _what_is_wrong(number: phonenumbers.PhoneNumber) -> str:
    if len(str(number.national_number)) > LONGEST:
        return "too_long"
    return {
        phonenumbers.ValidationResult.TOO_SHORT: "too_short",
        phonenumbers.ValidationResult.TOO_LONG: "too_long",
    }.get(phonenumbers.is_possible_number_with_reason(number), "unknown")
