"""Field types that close traps of the ORM."""

from datetime import UTC, datetime
from typing import Any

from tortoise import Model
from tortoise.fields import DatetimeField


class NaiveDatetime(ValueError):
    """A datetime without a zone was handed to the database."""


class UtcDatetime(DatetimeField[datetime]):
    """An aware datetime, stored and compared in UTC.

    SQLite keeps datetimes as text and compares the text: one ``+08:00`` in a filter and a notice is eight
    hours late.  So every value, also in ``filter`` and ``update``, is turned to UTC here.
    Raises: NaiveDatetime.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise NaiveDatetime(self.model_field_name)
            value = value.astimezone(UTC)
        return super().to_db_value(value, instance)
