"""The fields of a call to the Send API, and Meta's words for one that is missing, too long or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.messenger_errors import MessengerRefusal

Json = dict[str, Any]


def an_object(value: object, where: str, *, needs: Sequence[str] = (), may: Sequence[str] = ()) -> Json:
    """A JSON object with these fields and no others."""
    if not isinstance(value, dict):
        raise MessengerRefusal(100, f"Param {where} must be a JSON object.")
    for name in needs:
        if value.get(name) in (None, ""):
            raise MessengerRefusal(100, f"The parameter {where}[{name}] is required")
    if unexpected := sorted(set(value) - {*needs, *may}):
        keys = ", ".join(unexpected)
        raise MessengerRefusal(100, f'Invalid keys "{keys}" were found in param "{where}".')
    return value


def a_list(value: object, where: str, *, most: int) -> list[Any]:
    """Between one and ``most`` elements; too many are 105, as Meta says it."""
    if not isinstance(value, list):
        raise MessengerRefusal(100, f"Param {where} must be an array.")
    if not value:
        raise MessengerRefusal(100, f"param {where} must be non-empty.")
    if len(value) > most:
        raise MessengerRefusal(105, f"param {where} has too many elements.")
    return value


def a_string(value: object, where: str, *, most: int) -> str:
    """Text that is there, is not blank and is not longer than ``most`` code points."""
    if not isinstance(value, str) or not value.strip():
        raise MessengerRefusal(100, f"Param {where} must be a non-empty UTF-8 encoded string")
    if len(value) > most:
        raise MessengerRefusal(100, f"Length of param {where} must be less than or equal to {most}")
    return value


def a_word(value: object, where: str, words: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise MessengerRefusal(100, f"Param {where} must be one of {{{', '.join(words)}}}")
    return value


def a_web_address(value: object, where: str) -> str:
    text = a_string(value, where, most=2048)
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or " " in text:
        raise MessengerRefusal(100, f"Param {where} should represent a valid URL")
    return text
