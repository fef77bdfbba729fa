"""JSON as providers send it and as rows keep it."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

import orjson

REPLACEMENT = "\ufffd"
DEEPEST: Final = 64  # levels; the deepest body that a platform sends has fifteen
MOST_PARTS: Final = 60_000  # objects and lists, or entries of one; a full batch of Meta's has half as many
LONGEST_NUMBER: Final = 20  # digits; more than 64 bits need

_NUL: Final = rb"\u0000"
_SPACED_KEY: Final = re.compile(rb'"\s+:')
_LONG_NUMBER: Final = re.compile(rb"\d{%d}" % (LONGEST_NUMBER + 1))


class NotJson(ValueError):
    """The bytes are not JSON in UTF-8, or JSON only in name.

    That is NaN, a number or a nesting without end, more parts than a platform sends, or an object that says
    one thing twice, of which two readers see two different ones.
    """


def loads(raw: bytes) -> Any:
    """Parse a webhook body strictly; NUL and lone surrogates inside strings become U+FFFD.

    PostgreSQL keeps neither of the two, and a provider must not be made to repeat a message for days
    because of one.  Raises: NotJson.
    """
    if raw.count(b"{") + raw.count(b"[") > MOST_PARTS:
        raise NotJson("too many parts")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _with_surrogates(raw)
    keys = _keys(value)
    # `":` stands behind every key that has no space there, and may stand in texts, too: as many of them as
    # there are different keys, and none was said twice.  Whatever looks otherwise is read again, slowly.
    if keys != raw.count(b'":') or _SPACED_KEY.search(raw) or _LONG_NUMBER.search(raw):
        _read_slowly(raw.decode("utf-8"))
    return clean(value) if _NUL in raw else value


def _keys(value: Any, depth: int = 1) -> int:
    """How many keys all objects have together.  Raises: NotJson for what is too deep or too wide."""
    inside: Iterable[Any]
    if type(value) is dict:
        count, inside = len(value), value.values()
    elif type(value) is list:
        count, inside = 0, value
    else:
        return 0
    if depth > DEEPEST or len(value) > MOST_PARTS:
        raise NotJson("too deep or too wide")
    for item in inside:
        if type(item) is dict or type(item) is list:
            count += _keys(item, depth + 1)
    return count


def _with_surrogates(raw: bytes) -> Any:
    """What orjson refuses may be half a character, written as an escape."""
    try:
        text = raw.decode("utf-8")
        if r"\u" not in text:
            raise NotJson("not JSON")
        value = _read_slowly(text)
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error
    _keys(value)
    return clean(value)


def _read_slowly(text: str) -> Any:
    """Raises: ValueError, RecursionError."""
    return json.loads(text, parse_constant=_refuse, parse_int=_whole, object_pairs_hook=_each_once)


def _refuse(word: str) -> NoReturn:
    raise NotJson(word)


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJson("a number too long")
    return int(digits)


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise NotJson("a key twice")
    return said


def clean(value: Any) -> Any:
    """The same value with every string fit for both databases."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value


def clean_text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", REPLACEMENT)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_dumps(value: Any) -> str:
    """The `clean` value as JSON; what needs no cleaning, nearly all, is not looked through."""
    try:
        written = orjson.dumps(value)
        if _NUL not in written:
            return written.decode()
    except orjson.JSONEncodeError:  # a lone surrogate, or what orjson does not know
        pass
    return dumps(clean(value))


def dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
