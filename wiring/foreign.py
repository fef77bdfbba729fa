"""Dispatchers that this project did not write."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from aiogram import Dispatcher, Router

from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters

MakeDispatcher = Callable[[DatabaseStorage], Dispatcher]


class NotServable(Exception):
    """``MODULE:OBJECT`` names nothing that can be served; the text says why."""


def foreign_dispatcher(name: str) -> MakeDispatcher:
    """Serve ``MODULE:OBJECT``: a Dispatcher, a Router, or a callable that returns one.

    A foreign Dispatcher keeps its routers and middlewares; its states move into our database.
    Raises: NotServable.
    """
    found = _find(name)

    def make(storage: DatabaseStorage) -> Dispatcher:
        if isinstance(found, Dispatcher):
            dispatcher = found
            dispatcher.fsm.storage = storage
        else:
            dispatcher = Dispatcher(storage=storage)
            dispatcher.include_router(found)
        inline_filters(dispatcher)
        return dispatcher

    return make


def _find(name: str) -> Router:
    module_name, colon, attribute = name.partition(":")
    if not colon or not attribute:
        raise NotServable(f"{name} is not of the form MODULE:OBJECT")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except ImportError as error:
        raise NotServable(f"no module {module_name} could be imported ({type(error).__name__})") from error
    except AttributeError as error:
        raise NotServable(f"module {module_name} has nothing called {attribute}") from error
    if callable(found) and not isinstance(found, Router):
        found = found()
    if not isinstance(found, Router):
        raise NotServable(f"{name} is neither a Dispatcher nor a Router, and returns none")
    return found
