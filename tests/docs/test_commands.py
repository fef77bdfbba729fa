"""docs/commands.md lists what people can type: no command and no word more or less."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiogram import Router
from aiogram.filters import Command

from handlers import operator, village
from handlers.citizen import typed
from handlers.operator.commands import ALSO, BINDING, COMMANDS
from handlers.village_commands import DEEDS as VILLAGES
from wiring import cli

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
CITIZENS, STAFF, HEADS, TERMINAL = re.split(r"^## .+$", PAGE, flags=re.MULTILINE)[1:]


def registered(router: Router) -> Iterator[str]:
    """The commands that handlers of this router and those below it listen to."""
    for below in router.chain_tail:
        for handler in below.message.handlers:
            for item in handler.filters or ():
                if isinstance(item.callback, Command):
                    yield from (str(name) for name in item.callback.commands)


def test_staffs_commands_are_those_that_handlers_listen_to() -> None:
    listed = set(re.findall(r"^\| `/([a-z]+)", STAFF, re.MULTILINE))
    assert listed == {*COMMANDS, BINDING}
    assert listed == set(registered(operator.router())) - set(ALSO)


def test_a_village_heads_commands_are_those_that_handlers_listen_to() -> None:
    listed = set(re.findall(r"^\| `/([a-z]+)", HEADS, re.MULTILINE))
    assert listed == set(VILLAGES) == set(registered(village.router()))


@pytest.mark.parametrize("words", ["MENU", "STATUS", "DONE", "LEAVE", "PERSON", "LANGUAGE", "REPORT"])
def test_every_word_of_citizens_is_listed(words: str) -> None:
    assert [word for word in getattr(typed, words) if f"`{word}`" not in CITIZENS] == []


def test_every_verb_of_the_terminal_is_listed() -> None:
    grouped = ("operator", "catalog", "keys", "audit", "breach", "templates", "village")
    verbs = {name for name in cli.app if not name.startswith("-")} - set(grouped)
    verbs |= {f"{group} {name}" for group in grouped for name in cli.app[group] if not name.startswith("-")}
    listed = TERMINAL.replace("\n", " ")
    assert verbs and [verb for verb in sorted(verbs) if f"`{verb}`" not in listed] == []
