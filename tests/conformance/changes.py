"""What may stand in the place of something that works: it forgets, repeats, trusts, or says nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from aiogram.methods import TelegramMethod

from bot.channels import updates
from bot.channels.base import Degree, DeliveryFailed, Fault
from models.contacts import Contact
from models.outbox import OutboxMessage, OutboxState
from tests.fakes import bodies, pictures

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

    def failed(row: Any, token: str, failure: DeliveryFailed, now: Any, **further: Any) -> Any:
        return original(row, token, DeliveryFailed(failure.fault, failure.code), now, **further)

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


def uncut(labels: Any, limit: int) -> list[str]:
    return list(labels)


def repeated_titles(labels: Any, limit: int) -> list[str]:
    return [label[:limit] for label in labels]


def bare_data(number: int, choice: Any) -> str:
    return f"lk{number}d.{choice.data}"


def unnumbered(number: int, choice: Any) -> str:
    return f"lk1d.{choice.data}"


def by_first_letters(typed: str, choices: Any, **_: Any) -> Any:
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


def by_phone_alone(original: Any) -> Any:
    """Who shows no number is nobody."""
    return lambda *, ids, phones: original(ids=(), phones=phones)


def blind_to(kind: str) -> Change:
    """Files of this kind are none."""
    return lambda original: lambda attachment: "" if original(attachment) == kind else original(attachment)


def as_words(original: Any) -> Any:
    """What is nothing to handlers becomes a text."""
    return lambda body, scene, **told: original(body, scene, **told) or updates.text(scene, "👍")


def first_line(words: str) -> str:
    return words.split("\n", maxsplit=1)[0]


def about_nothing(number: int, choice: Any) -> str:
    return f"lk{number}d.other"


def unless_empty(original: Any) -> Any:
    """Words without buttons leave those that were shown before."""

    def shows(self: Any, message_id: int, choices: Any, **told: Any) -> None:
        if choices:
            original(self, message_id, choices, **told)

    return shows


def under_another_name(original: Any) -> Any:
    async def held(given: object, files: Any) -> Any:
        return replace(await original(given, files), name="berkas")

    return held


def another_file(original: Any) -> Any:
    async def held(given: object, files: Any) -> Any:
        return replace(await original(given, files), content=pictures.jpeg(77))

    return held


def only_the_first(original: Any) -> Any:
    return lambda group: list(original(group))[:1]


async def whoever_came_last(self: Any, method: Any) -> Any:
    """Whatever chat a handler names, the last person is written to."""
    (contact,) = await Contact.all().order_by("-id").limit(1)
    return contact.id, self


async def failed_all_the_same(row: OutboxMessage, receipt: Any, now: Any) -> None:
    failed = {"state": OutboxState.FAILED} if receipt.failure else {}
    await OutboxMessage.filter(id=row.id).update(receipt=receipt.receipt, **failed)


async def any_message(*_: Any) -> OutboxMessage | None:
    return await OutboxMessage.first()


def never_open(original: Any) -> Any:
    """What a person says opens no window."""

    async def heard(talk: Any, now: Any, *, open_until: Any, choices: Any) -> None:
        await original(talk, now, open_until=None, choices=choices)

    return heard
