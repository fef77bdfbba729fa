"""Sealed columns: plain in Python, sealed in the database, bound to the row that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from tortoise import Model
from tortoise.fields import TextField

from models.sealing.held import ring
from models.sealing.ring import Bound


class NeedsItsRow(TypeError):
    """A sealed column was to be written or compared without the row it belongs to; the text is its name."""


SCRUBBED: Final = '{"scrubbed":true}'
"""Stands, in clear, in the inbox and the outbox where a person's words were; the row stays."""


class Sealed(str):
    """A text that is sealed already: see `SealedRow.sealed`."""

    __slots__ = ()


_SAYS_NOTHING: Final = (None, "", SCRUBBED)


class SealedText(TextField):
    """Text that only this process reads.  It is found by no filter, and what says nothing stays in clear.

    ``bound_to``: the columns, never changed and known before the row is written, that name the row.
    """

    def __init__(self, *bound_to: str, **options: Any) -> None:
        super().__init__(**options)
        self.bound_to = bound_to

    def to_db_value(self, value: Any, instance: type[Model] | Model | None) -> Any:
        """Raises: NeedsItsRow, in `update` and `filter`."""
        if value in _SAYS_NOTHING or isinstance(value, Sealed):
            return None if value is None else str(value)
        if not isinstance(instance, Model):
            raise NeedsItsRow(self.model_field_name)
        return ring().seal(value, *self.about(instance))

    def about(self, row: Model) -> tuple[Bound, ...]:
        return (row._meta.db_table, self.model_field_name, *(getattr(row, name) for name in self.bound_to))


class SealedRow(Model):
    """A model with sealed columns, each opened when it is read: one that is broken spoils no other row.

    Reading one raises: SealBroken, KeyMissing.
    """

    @classmethod
    def _init_from_db(cls, **columns: Any) -> Self:
        row = super()._init_from_db(**columns)
        for name, _ in sealed_columns(cls):
            if row.__dict__.get(name) not in _SAYS_NOTHING:
                row.__dict__[_held(name)] = row.__dict__.pop(name)
        return row

    def __getattr__(self, name: str) -> Any:
        """A sealed column that nobody has read yet."""
        held = self.__dict__.get(_held(name))
        if held is None:
            raise AttributeError(name, name=name, obj=self)
        field = self._meta.fields_map[name]
        assert isinstance(field, SealedText)  # noqa: S101 - nothing else is held
        opened = self.__dict__[name] = ring().open(held, *field.about(self))
        return opened

    def sealed(self, **columns: Any) -> dict[str, Any]:
        """For `QuerySet.update` of this row: the columns, those sealed that lie sealed."""
        for name, field in sealed_columns(type(self)):
            if columns.get(name) is not None:
                columns[name] = Sealed(field.to_db_value(columns[name], self))
        return columns

    @classmethod
    def opened(cls, name: str, row: Mapping[str, Any]) -> str | None:
        """A sealed column of a row that was read by SQL, with the columns that it is bound to."""
        field = cls._meta.fields_map[name]
        held: str | None = row[name]
        if held is None or held in _SAYS_NOTHING or not isinstance(field, SealedText):
            return held
        return ring().open(held, cls._meta.db_table, name, *(row[column] for column in field.bound_to))

    class Meta:
        abstract = True


def _held(name: str) -> str:
    return f"_sealed_{name}"


_columns: dict[type[Model], list[tuple[str, SealedText]]] = {}


def sealed_columns(model: type[Model]) -> list[tuple[str, SealedText]]:
    """By their names in Python."""
    if model not in _columns:
        fields = model._meta.fields_map.items()
        _columns[model] = [(name, field) for name, field in fields if isinstance(field, SealedText)]
    return _columns[model]
