"""What Tortoise works out of the models for an engine it works out once, not each time a database is opened.

Of the nine milliseconds that opening a SQLite file takes these are eight, and most tests open one.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from tortoise.apps import Apps
from tortoise.models import Model

# What in a model's meta differs from engine to engine.  The former are changed in place, the latter never.
CHANGED = ("filters", "db_native_fields", "db_default_fields", "db_complex_fields")
REPLACED = ("basetable", "basequery", "basequery_all_fields")


def once_an_engine() -> None:
    Apps._build_initial_querysets = _remembered(Apps._build_initial_querysets)  # type: ignore[method-assign]


def _remembered(work_out: Callable[[Apps], None]) -> Callable[[Apps], None]:
    known: dict[str, dict[type[Model], dict[str, Any]]] = {}

    def remembers(apps: Apps) -> None:
        models = [model for app in apps.apps.values() for model in app.values()]
        engine = models[0]._meta.db.capabilities.dialect
        if set(models) != known.get(engine, {}).keys():
            work_out(apps)
            known[engine] = {model: _of_the_engine(model) for model in models}
        for model, found in known[engine].items():
            for name, value in found.items():
                setattr(model._meta, name, copy(value) if name in CHANGED else value)

    return remembers


def _of_the_engine(model: type[Model]) -> dict[str, Any]:
    changed = {name: copy(getattr(model._meta, name)) for name in CHANGED}
    return changed | {name: getattr(model._meta, name) for name in REPLACED}
