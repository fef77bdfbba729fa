"""Reading JSON that somebody else wrote, without ever trusting its shape."""

import hashlib
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

MAX_ID = 255  # characters; the width of our external ids
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_STACKED = re.compile(  # a fourth mark above or below one letter, and all that follow; no script has so many
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_OF_BUTTONS = frozenset({"data", "callback_data"})


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """The value if it is a string or a whole number, else nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else ""


def clean(value: str) -> str:
    """Words with U+FFFD for NUL, other control characters and lone surrogates, and at most three marks on a
    letter.  Tab and line breaks stay."""
    if not value.isprintable():
        value = _UNPRINTABLE.sub("�", value)
    return value if value.isascii() else _STACKED.sub(r"\1", value)


def shown_name(value: str) -> str:
    """What a person is called on their platform, as it may stand before others: `clean`, composed (NFC), on
    one line, without marks of direction and other characters that nobody sees.

    Such a name is chosen by whoever bears it, and can be written so that another seems to stand there.
    """
    seen = "".join(c for c in clean(value) if unicodedata.category(c) != "Cf")
    return " ".join(clean(unicodedata.normalize("NFC", seen)).split())


def storable(value: str) -> str:
    """Callback data with U+FFFD for what databases and pydantic refuse: NUL and lone surrogates.

    Other control characters stay: aiogram_dialog separates its data with one of them.
    """
    return _UNSTORABLE.sub("�", value)


def cleaned(value: Any) -> Any:
    """A deep copy of JSON data: every string, keys too, is `clean`, the data of buttons `storable`."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() and value.isprintable() else clean(value)
    if kind is dict:
        return {
            clean(key): storable(item) if key in _OF_BUTTONS and isinstance(item, str) else cleaned(item)
            for key, item in value.items()
        }
    return [cleaned(item) for item in value] if kind is list else value


def fingerprint(value: object) -> str:
    """A name for JSON data that has none: the same data, the same name."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(written.encode()).hexdigest()


def is_id(given: str) -> bool:
    """Whether this can be a provider's id: printable ASCII that fits our columns."""
    return 0 < len(given) <= MAX_ID and given.isascii() and given.isprintable()


def external_id(given: str, whole: object) -> str:
    """The provider's id where it `is_id`, else the fingerprint of the ``whole`` event."""
    return given if is_id(given) else fingerprint(whole)


def moment(value: object) -> datetime | None:
    """A Unix time as number or digits, in seconds; beyond the year 5000 it must have been milliseconds."""
    digits = text(value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return None
    since_1970 = int(digits)
    try:
        return datetime.fromtimestamp(since_1970 / 1000 if since_1970 > 10**11 else since_1970, tz=UTC)
    except (ValueError, OverflowError):  # beyond the year 9999
        return None


def written_moment(value: object) -> datetime | None:
    """A time in ISO 8601 with its zone; without one it says nothing."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def seconds(header: object) -> timedelta | None:
    """``Retry-After`` as a whole number of seconds, up to eleven days."""
    told = text(header).strip()
    return timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) <= 6 else None
