"""A plausible value for every field of every model of aiogram's, as JSON would carry it.

``deep``: how many models may still lie within one another; below that only required fields are filled.
"""

import types
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

PLAIN: dict[Any, Any] = {
    str: "a", int: 1, float: 1.5, bool: True, bytes: "a", Any: "any", None: None, type(None): None,
    datetime: 1_700_000_000, timedelta: 60, date: "2026-11-24", time: "08:00", object: "any",
}  # fmt: skip


def sample(model: type[BaseModel], deep: int = 2) -> dict[str, Any]:
    return {
        name: value_of(field.annotation, deep)
        for name, field in model.model_fields.items()
        if field.is_required() or deep > 0
    }


def value_of(annotation: Any, deep: int) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in _SHAPES:
        return _SHAPES[origin](arguments, deep)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation)).value
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return sample(annotation, deep - 1)
    return "a"


def _first_that_is_something(arguments: tuple[Any, ...], deep: int) -> Any:
    return value_of(next(one for one in arguments if one is not type(None)), deep)


def _one_of_each(arguments: tuple[Any, ...], deep: int) -> list[Any]:
    return [value_of(arguments[0], deep)]


def _pair(arguments: tuple[Any, ...], deep: int) -> dict[str, Any]:
    return {"a": value_of(arguments[1], deep)}


_SHAPES: dict[Any, Callable[[tuple[Any, ...], int], Any]] = {
    Union: _first_that_is_something,
    types.UnionType: _first_that_is_something,
    Literal: lambda arguments, _: getattr(arguments[0], "value", arguments[0]),
    Annotated: lambda arguments, deep: value_of(arguments[0], deep),
    list: _one_of_each,
    dict: _pair,
}
