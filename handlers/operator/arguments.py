"""What stands behind a command, understood once; what cannot be understood gets an example."""

import re
from typing import Final

from aiogram.filters import CommandObject

from handlers.operator import numbers
from handlers.operator.commands import canonical
from office.refusal import Refusal
from office.words import plain

_FIRST_WORD: Final = re.compile(r"(\S+)\s*(.*)", re.DOTALL)


class CommandUnreadable(Refusal):
    """The words behind a command are not what it needs.  Facts: ``example``, the command typed rightly."""


def unreadable(command: CommandObject) -> CommandUnreadable:
    return CommandUnreadable(example=plain(f"operator-example-{canonical(command.command)}"))


def text(command: CommandObject) -> str:
    """What stands behind the command; may be empty."""
    return (command.args or "").strip()


def only_numbers(command: CommandObject) -> tuple[int, ...]:
    """At least one number and nothing else.  Raises: `CommandUnreadable`, and as `numbers.read`."""
    read = numbers.read(text(command))
    if read.rest or not read.values:
        raise unreadable(command)
    return read.values


def only_number(command: CommandObject) -> int:
    """Exactly one number.  Raises: `CommandUnreadable`, and as `numbers.read`."""
    return _one(only_numbers(command), command)


def number_and_rest(command: CommandObject) -> tuple[int, str]:
    """One number, then whatever else, maybe nothing; that may begin with digits too (``124 2 foto lagi``).

    Raises: `CommandUnreadable`.
    """
    split = _FIRST_WORD.match(text(command))
    if split is None:
        raise unreadable(command)
    read = numbers.read(split[1])
    if read.rest or not read.values:
        raise unreadable(command)
    return _one(read.values, command), split[2].strip()


def number_and_words(command: CommandObject) -> tuple[int, str]:
    """The same, but the words have to be there.  Raises: `CommandUnreadable`."""
    number, words = number_and_rest(command)
    if not words:
        raise unreadable(command)
    return number, words


def numbers_and_words(command: CommandObject) -> tuple[tuple[int, ...], str]:
    """Numbers, then words, which may be missing.  Raises: `CommandUnreadable`."""
    read = numbers.read(text(command))
    if not read.values:
        raise unreadable(command)
    return read.values, read.rest


def one_number_and_words(command: CommandObject) -> tuple[int, str]:
    """One number, then words that do not begin with a further one: this is not done to many at once.

    Raises: `CommandUnreadable`.
    """
    read = numbers.read(text(command))
    if len(read.values) != 1 or not read.rest:
        raise unreadable(command)
    return read.values[0], read.rest


def _one(values: tuple[int, ...], command: CommandObject) -> int:
    if len(values) != 1:
        raise unreadable(command)
    return values[0]
