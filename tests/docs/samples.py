"""One plain instance of any aiogram method: its required fields, with the simplest values that fit."""

from __future__ import annotations

import types
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from aiogram.types import BufferedInputFile, InputFile
from pydantic import BaseModel

Built = TypeVar("Built", bound=BaseModel)
_SIMPLE: dict[Any, Any] = {
    bool: True,
    int: 1,
    float: 1.0,
    str: "x",
    datetime: datetime(2026, 11, 24, tzinfo=UTC),
}


def built(kind: type[Built], **given: Any) -> Built:
    """Raises: TypeError for a kind of field that nobody has met yet."""
    needed = {name: field.annotation for name, field in kind.model_fields.items() if field.is_required()}
    return kind(**{name: _value(kind) for name, kind in needed.items()} | given)


def _value(kind: Any) -> Any:
    origin, inside = get_origin(kind), get_args(kind)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if origin is Annotated:
        return _value(inside[0])
    if origin is Literal:
        return inside[0]
    if origin is dict:
        return {}
    if origin is list:
        return [_value(inside[0])]
    if origin in (Union, types.UnionType):
        return _value(next((one for one in (int, str) if one in inside), inside[0]))
    if isinstance(kind, type) and issubclass(kind, InputFile):
        return BufferedInputFile(b"x", "x")
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return built(kind)
    raise TypeError(kind)
