"""Dispatchers around aiogram_dialog's documentation: each file as it is, and ``/start`` to open it."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Callable
from typing import Any

from aiogram import Dispatcher
from aiogram.filters import CommandStart
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.api.entities import stack
from aiogram_dialog.widgets.text import Const, Text

from tests.foreign import sdists

# The library draws the name of an open dialog from a hundred in each second: one in a hundred dialogs opened
# in the second of its parent gets its parent's name, and closing it forgets both.
stack.new_int_id = lambda: uuid.uuid4().int >> 88


def _file(path: str) -> Any:
    """The module at ``path`` below the docs, loaded afresh."""
    spec = importlib.util.spec_from_file_location("dialog_of_the_docs", sdists.dialogs() / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _serving(*dialogs: Dialog) -> Dispatcher:
    """The first dialog's first window opens at ``/start``."""
    dispatcher = Dispatcher()
    dispatcher.include_routers(*dialogs)
    setup_dialogs(dispatcher)
    first = dialogs[0].states()[0]

    async def start(message: Message, dialog_manager: DialogManager) -> None:
        await dialog_manager.start(first, mode=StartMode.RESET_STACK)

    dispatcher.message.register(start, CommandStart())
    return dispatcher


def whole(path: str, *names: str) -> Callable[[], Dispatcher]:
    """A file that defines dialogs."""

    def make() -> Dispatcher:
        module = _file(path)
        return _serving(*(getattr(module, name) for name in names or ("dialog",)))

    return make


def windows(path: str, *names: str) -> Callable[[], Dispatcher]:
    """A file that defines windows."""

    def make() -> Dispatcher:
        module = _file(path)
        return _serving(Dialog(*(getattr(module, name) for name in names)))

    return make


def widgets(path: str, *names: str) -> Callable[[], Dispatcher]:
    """A file that defines widgets, and perhaps the getter of their data."""

    def make() -> Dispatcher:
        class Page(StatesGroup):
            only = State()

        module = _file(path)
        shown = [getattr(module, name) for name in names]
        words = [] if any(isinstance(one, Text) for one in shown) else [Const("Choose:")]
        window = Window(*words, *shown, state=Page.only, getter=getattr(module, "get_data", None) or _nothing)
        return _serving(Dialog(window))

    return make


async def _nothing(**_: object) -> dict[str, object]:
    return {}


switch = whole("transitions/switch.py")
start = whole("transitions/start.py", "dialog", "subdialog")
done = whole("transitions/done.py", "dialog", "subdialog")
text_format = whole("widgets/text/format/example.py")
case = whole("widgets/text/case/example.py")
text_input = whole("widgets/input/text_input/example.py")
message_input = whole("widgets/input/message_input/example.py")
passing_data = whole("widgets/passing_data/example.py")
list_group = whole("widgets/keyboard/list_group/example.py")
jinja = windows("widgets/text/jinja/example.py", "window")
hiding = windows("widgets/hiding/example.py", "window")
link_preview = windows("widgets/link_preview/example.py", "window", "second_window")
multi = widgets("widgets/text/multi/example.py", "text", "text2", "text3")
button = widgets("widgets/keyboard/button/example.py", "go_btn")
row = widgets("widgets/keyboard/row/example.py", "row")
checkbox = widgets("widgets/keyboard/checkbox/example.py", "check")
radio = widgets("widgets/keyboard/radio/example.py", "fruits_kbd")
multiselect = widgets("widgets/keyboard/multiselect/example.py", "fruits_kbd")
select = widgets("widgets/keyboard/select/example.py", "fruits_kbd")
scrolling = widgets("widgets/keyboard/scrolling_group/example.py", "scrolling_group")
calendar = widgets("widgets/keyboard/calendar/example.py", "calendar")
group = widgets("widgets/keyboard/group/example.py", "group")
group_width = widgets("widgets/keyboard/group/example_width.py", "group")
column = widgets("widgets/keyboard/column/example.py", "column")
url = widgets("widgets/keyboard/url/example.py", "go_btn")
