"""One command, many requests: what was done and what was refused, said in one message."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from handlers.operator.numbers import written
from models.database import transaction
from models.staff import Staff
from office.permissions import Denied, note_denied
from office.refusal import Refusal
from office.refusal_words import refusal_text
from office.words import say

Act = Callable[[int], Awaitable[object]]

MOST_REASONS: Final = 15  # different reasons in one message; 4,096 characters hold them


@dataclass(frozen=True, slots=True)
class Outcome:
    """``refused`` in the order of the numbers."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, Refusal], ...]


async def each(numbers: Sequence[int], act: Act, staff: Staff, now: datetime) -> Outcome:
    """Do it for every number; a no for one undoes what was begun for it, and nothing else.

    Inside the update's transaction `transaction` is a savepoint, on both engines.
    """
    done: list[int] = []
    refused: list[tuple[int, Refusal]] = []
    for number in numbers:
        try:
            await transaction(partial(act, number))
        except Refusal as refusal:
            if isinstance(refusal, Denied):
                await note_denied(refusal, staff, now)
            refused.append((number, refusal))
        else:
            done.append(number)
    return Outcome(tuple(done), tuple(refused))


def told(sentence: str, outcome: Outcome, **facts: object) -> str:
    """The sentence for what was done (its fact: ``numbers``), then why the others were not."""
    lines = [say(sentence, numbers=written(outcome.done), **facts)] if outcome.done else []
    groups = _alike(outcome.refused)
    if groups and outcome.done:
        lines.append(say("operator-not-done"))
    lines += [_reason(numbers, refusal) for numbers, refusal in groups[:MOST_REASONS]]
    if further := [number for numbers, _ in groups[MOST_REASONS:] for number in numbers]:
        lines.append(say("operator-not-done-either", numbers=written(further)))
    return "\n".join(lines)


def _alike(refused: Sequence[tuple[int, Refusal]]) -> list[tuple[list[int], Refusal]]:
    """Refusals that differ in the request's number only are one reason."""
    groups: dict[tuple[str, str], tuple[list[int], Refusal]] = {}
    for number, refusal in refused:
        others = {name: "" if _is(fact, number) else str(fact) for name, fact in refusal.facts.items()}
        numbers, _ = groups.setdefault((refusal.code, repr(sorted(others.items()))), ([], refusal))
        numbers.append(number)
    return list(groups.values())


def _reason(numbers: Sequence[int], refusal: Refusal) -> str:
    """The refusal's own sentence: with all its numbers where it names its request, else behind them."""
    if _is(refusal.facts.get("number"), numbers[0]):
        return refusal_text(type(refusal)(**{**refusal.facts, "number": written(numbers)}))
    return f"{say('operator-reason', numbers=written(numbers))} {refusal_text(refusal)}"


def _is(fact: object, number: int) -> bool:
    return str(fact) == str(number)
