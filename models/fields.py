"""Field types, and a filter for text, that close traps of the ORM and the engines."""

import re
from datetime import UTC, datetime
from typing import Any

from tortoise import Model
from tortoise.fields import DatetimeField

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Text that both engines keep alike: NUL and halves of a character become U+FFFD.

    SQLite keeps a NUL, PostgreSQL refuses it; neither takes a lone surrogate, which JSON may bring.
    """
    return _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class NaiveDatetime(ValueError):
    """A datetime without a zone was handed to the database."""


class UtcDatetime(DatetimeField[datetime]):
    """An aware datetime, stored and compared in UTC.

    SQLite keeps datetimes as text and compares the text: one ``+08:00`` in a filter and a notice is eight
    hours late.  So every value, also in ``filter`` and ``update``, is turned to UTC here.
    Raises: NaiveDatetime.
    """

    def to_python_value(self, value: Any) -> datetime | None:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise NaiveDatetime(self.model_field_name)  # `create` would take it for UTC
        return super().to_python_value(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise NaiveDatetime(self.model_field_name)
            value = value.astimezone(UTC)
        return super().to_db_value(value, instance)
