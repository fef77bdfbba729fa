"""What bots keep in their FSM, as JSON and back as it was.

aiogram's own memory storage keeps any object, and bots count on it: whole numbers as keys, dates, tuples,
their dataclasses, aiogram's types.  Plain JSON stays plain; anything else is ``{"~": [kind, …]}``.
"""

import dataclasses
import importlib
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import ModuleType
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel

from bot.jsontext import clean_text

FindModule = Callable[[str], ModuleType]

_TAG: Final = "~"
_WIDE: Final = 2**63  # JSON libraries read no larger whole numbers

_WRITE: Final[Mapping[type, tuple[str, Callable[[Any], Any]]]] = {
    # type → its mark, and what stands behind it
    datetime: ("datetime", lambda value: value.isoformat()),
    date: ("date", lambda value: value.isoformat()),
    time: ("time", lambda value: value.isoformat()),
    timedelta: ("seconds", lambda value: value.total_seconds()),
    Decimal: ("decimal", str),
    UUID: ("uuid", str),
    bytes: ("bytes", lambda value: b64encode(value).decode()),
    tuple: ("tuple", lambda value: [_plain(item) for item in value]),
    set: ("set", lambda value: [_plain(item) for item in value]),
    frozenset: ("frozenset", lambda value: [_plain(item) for item in value]),
    deque: ("deque", lambda value: [_plain(item) for item in value]),
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda value: timedelta(seconds=value),
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": b64decode,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "int": int,
    "map": dict,
}


class NotKeepable(TypeError):
    """A bot put something into its FSM that cannot be written down (a connection, a function)."""


def dumps(data: Mapping[str, Any]) -> str:
    """Raises: NotKeepable."""
    return orjson.dumps(_plain(data)).decode()


def loads(text: str, find_module: FindModule = importlib.import_module) -> dict[str, Any]:
    """``find_module``: by which name → module, for the classes of objects.

    Raises: ImportError, AttributeError for an object whose class is gone.
    """
    data: dict[str, Any] = _back(orjson.loads(text), find_module)
    return data


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return clean_text(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int:
        return value if -_WIDE <= value < _WIDE else {_TAG: ["int", str(value)]}
    if kind is list:
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    if kind in _WRITE:
        mark, write = _WRITE[kind]
        return {_TAG: [mark, write(value)]}
    return _object(value)


def _mapping(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value) and _TAG not in value:
        return {clean_text(key): _plain(item) for key, item in value.items()}
    return {_TAG: ["map", [[_plain(key), _plain(item)] for key, item in value.items()]]}


def _object(value: Any) -> Any:
    """By the name of its class, which is looked up again when it is read."""
    name = f"{type(value).__module__}:{type(value).__qualname__}"
    if isinstance(value, Enum):
        return {_TAG: ["enum", name, _plain(value.value)]}
    if isinstance(value, BaseModel):
        return {_TAG: ["model", name, value.model_dump(mode="json", exclude_unset=True)]}
    if dataclasses.is_dataclass(value):
        held = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {_TAG: ["object", name, held]}
    plain: Any
    for plain in (str, int, float, list):
        if isinstance(value, plain):
            return _plain(plain(value))
    raise NotKeepable(name)


def _back(value: Any, find_module: FindModule) -> Any:
    if isinstance(value, list):
        return [_back(item, find_module) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {key: _back(item, find_module) for key, item in value.items()}
    mark, *told = value[_TAG]
    if mark in _READ:
        return _READ[mark](_back(told[0], find_module))
    kind = _class(told[0], find_module)
    if mark == "model":
        return kind.model_validate(told[1])
    if mark == "enum":
        return kind(_back(told[1], find_module))
    made = object.__new__(kind)
    for name, item in told[1].items():
        object.__setattr__(made, name, _back(item, find_module))
    return made


def _class(name: str, find_module: FindModule) -> Any:
    module, _, path = name.partition(":")
    found: Any = find_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
