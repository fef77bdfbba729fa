"""What may stand in the place of something that works: it forgets, repeats, trusts, or says nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from aiogram.methods import TelegramMethod

from bot.channels.base import Degree, DeliveryFailed, Fault
from models.outbox import OutboxMessage
from tests.fakes import bodies

Change = Callable[[Any], Any]  # the original → what stands in its place


def always(value: Any) -> Change:
    """Whatever it is asked, it answers this."""
    return lambda _: lambda *args, **kwargs: value


def instead(value: Any) -> Change:
    return lambda _: value


def asynchronous(value: Any) -> Change:
    async def answer(*_: Any, **__: Any) -> Any:
        return value

    return lambda _: answer


def with_fault(fault: Fault) -> Change:
    """Every failure asks for this."""

    def change(original: Any) -> Any:
        def judge(*args: Any, **kwargs: Any) -> Any:
            failure = original(*args, **kwargs)
            return failure and DeliveryFailed(fault, failure.code, retry_after=failure.retry_after)

        return judge

    return change


def impatient(original: Any) -> Any:
    """Whatever the provider asks us to wait, we forget."""

    def failed(row: Any, token: str, failure: DeliveryFailed, now: Any) -> Any:
        return original(row, token, DeliveryFailed(failure.fault, failure.code), now)

    return failed


def never_the_same(original: Any) -> Any:
    """An event gets another id each time it comes."""

    def read(self: Any, payload: Any) -> Any:
        return [replace(event, external_id=uuid.uuid4().hex) for event in original(self, payload)]

    return read


def parsed_first(original: Any) -> Any:
    """The signature is checked over what the JSON says, not over the bytes."""

    def is_genuine(raw: bytes, header: str | None, secret: Any) -> Any:
        return original(bodies.as_meta_writes(json.loads(raw)), header, secret)

    return is_genuine


def anybody(original: Any) -> Any:
    """Bots and we ourselves count as people."""
    return lambda kind, part: part.get("from") or {}


def as_a_new_message(original: Any) -> Any:
    """A correction reads like something said anew."""

    def update(body: Any, scene: Any) -> Any:
        told = dict(original(body, scene))
        return {"message" if key == "edited_message" else key: part for key, part in told.items()}

    return update


def repeated_titles(labels: Any, limit: int) -> list[str]:
    return [label[:limit] for label in labels]


def bare_data(number: int, choice: Any) -> str:
    return f"lk{number}d.{choice.data}"


def unnumbered(number: int, choice: Any) -> str:
    return f"lk1d.{choice.data}"


def by_first_letters(typed: str, choices: Any) -> Any:
    """ "10" picks what "1" would."""
    words = typed.strip().casefold()
    for number, choice in enumerate(choices, start=1):
        if words.startswith(str(number)) or choice.label.casefold() in words:
            return choice
    return None


async def the_last_word_counts(row: OutboxMessage, receipt: Any, now: Any) -> None:
    await OutboxMessage.filter(id=row.id).update(receipt=receipt.receipt)


async def one_by_one(self: Any, lane: Any, burst: Any) -> None:
    return None


def first_size(sizes: Any) -> Any:
    return sizes[0]


def all_native(self: Any, method: TelegramMethod[Any]) -> Degree:
    return Degree.NATIVE


def first_part(text: str) -> list[str]:
    return [text[:160]]


def head_only(text: str, limit: int) -> list[str]:
    return [text[:limit]]


by_chance = SimpleNamespace(sha256=lambda _: SimpleNamespace(hexdigest=lambda: uuid.uuid4().hex))
