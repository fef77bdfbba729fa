"""JSON as providers send it and as rows keep it."""

import json
from typing import Any, NoReturn

import orjson

REPLACEMENT = "\ufffd"
_NUL = rb"\u0000"


class NotJson(ValueError):
    """The bytes are not JSON in UTF-8, or JSON only in name (NaN, bottomless nesting)."""


def loads(raw: bytes) -> Any:
    """Parse a webhook body strictly; NUL and lone surrogates inside strings become U+FFFD.

    PostgreSQL keeps neither of the two, and a provider must not be made to repeat a message for days
    because of one.  Raises: NotJson.
    """
    try:
        parsed = orjson.loads(raw)  # takes no lone surrogate, and a NUL only by its escape
        return clean(parsed) if _NUL in raw else parsed
    except orjson.JSONDecodeError:
        return _with_surrogates(raw)


def _with_surrogates(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
        if r"\u" not in text:
            raise NotJson("not JSON")
        return clean(json.loads(text, parse_constant=_refuse, parse_int=_whole))
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error


def _refuse(word: str) -> NoReturn:
    raise NotJson(word)


def _whole(digits: str) -> int:
    if len(digits) > 20:
        raise NotJson("a number too long")
    return int(digits)


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
