"""How a check says of which channels it is asked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.conformance.bench import Bench
from tests.conformance.subject import Subject

Item = TypeVar("Item")
Check = Callable[[Bench], Awaitable[None]]
Needs = Callable[[type[Subject]], bool]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``needs``: whether the channel's sheet and platform give cause to ask.  ``quiet``: see `open_bench`."""

    name: str
    check: Check
    needs: Needs
    quiet: float


BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(needs: Needs = lambda _: True, *, quiet: float = 0.0) -> Callable[[Check], Check]:
    """Ask this of the channels that ``needs`` picks."""

    def note(check: Check) -> Check:
        name = check.__name__
        assert name not in BEHAVIOURS, name
        BEHAVIOURS[name] = Behaviour(name, check, needs, quiet)
        return check

    return note


def can(*what: str) -> Needs:
    """Of channels whose people do all of this."""
    return lambda subject: subject.can.issuperset(what)


def fails(*how: str) -> Needs:
    """Of channels whose provider can be ordered to fail so."""
    return lambda subject: subject.faults.issuperset(how)


def one(items: Sequence[Item]) -> Item:
    """The only item."""
    assert len(items) == 1, items
    return items[0]
