"""Whose rows are meant: inside `of_office` whatever is asked through a model is asked of that office alone.

So PostgreSQL may keep each office's rows together (Citus, by ``office_id``), and nobody at one office reaches
another's rows, whatever number they know.  Outside, all offices are meant: recovery, counts, backups.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tortoise import Model
from tortoise.manager import Manager
from tortoise.queryset import QuerySet

_office: ContextVar[int | None] = ContextVar("office", default=None)


def current_office() -> int | None:
    """The office whose matter this is; None: nobody said, and all are meant."""
    return _office.get()


@contextmanager
def of_office(office_id: int | None) -> Iterator[None]:
    """What happens inside is this office's matter, tasks that begin there included."""
    before = _office.set(office_id)
    try:
        yield
    finally:
        _office.reset(before)


def and_here() -> str:
    """A condition to stand behind others in SQL: ``AND office_id = 5314``; empty where all are meant."""
    office_id = _office.get()
    return "" if office_id is None else f" AND office_id = {int(office_id)}"


class OfOneOffice(Manager):
    """The rows of the office whose matter it is."""

    def get_queryset(self) -> QuerySet[Any]:
        mine, office_id = super().get_queryset(), _office.get()
        return mine if office_id is None else mine.filter(office_id=office_id)


def keep_apart(models: Iterable[type[Model]]) -> None:
    """Let every model with an ``office_id`` answer for one office at a time."""
    for model in models:
        if "office_id" in model._meta.fields_map:
            model._meta.manager = OfOneOffice(model)
