"""aiogram methods as rows: by name and fields, with every default resolved and every file by reference."""

from datetime import timedelta
from typing import Any

import aiogram.methods
from aiogram import Bot
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile
from pydantic import BaseModel, TypeAdapter

from bot import jsontext
from bot.methods import HandOver, SendFlow, SendTemplate

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    cls.__api_method__: cls
    for cls in (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    if isinstance(cls, type) and issubclass(cls, TelegramMethod) and cls is not TelegramMethod
} | {own.__api_method__: own for own in (SendTemplate, SendFlow, HandOver)}

_PLAIN = (str, int, bool, float)
_SPAN: TypeAdapter[timedelta] = TypeAdapter(timedelta)


class FileInMemory(TypeError):
    """A method still carries bytes; they have to be kept first."""


def to_row(method: TelegramMethod[Any], bot: Bot) -> str:
    """The method's fields as JSON.  Raises: FileInMemory."""
    return jsontext.clean_dumps(_plain(method, bot))


def from_row(name: str, payload: str) -> TelegramMethod[Any]:
    """The method back again.  ``name`` is the Bot API's: ``sendMessage``.

    Defaults were resolved before: what a row does not hold was None, and no bot's default fills it in.
    """
    method = METHODS[name].model_validate_json(payload)
    unset = {
        field: None for field in type(method).model_fields if isinstance(getattr(method, field), Default)
    }
    return method.model_copy(update=unset) if unset else method


def _plain(value: Any, bot: Bot) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Default):
        return _plain(bot.default[value.name], bot)
    if isinstance(value, InputFile):
        raise FileInMemory(type(value).__name__)
    if isinstance(value, BaseModel):
        given = {**vars(value), **(value.model_extra or {})}
        fields = {name: _plain(item, bot) for name, item in given.items() if item is not None}
        return {name: item for name, item in fields.items() if item is not None}
    if isinstance(value, dict):
        return {key: _plain(item, bot) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, bot) for item in value]
    if isinstance(value, timedelta):  # counted from the moment it is said, like aiogram's own
        return _SPAN.dump_python(value, mode="json")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)
