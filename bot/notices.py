"""Unasked messages: named now, worded at delivery, when the channel and its window are known."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that a person did not ask for just now.

    ``key`` makes it happen once: ``request:12:ready_for_pickup:1``.  ``facts`` are JSON-safe.
    """

    key: str
    name: str
    contact_id: int
    channel: str
    account: str
    facts: Mapping[str, Any]
    subject: str | None = None
    due_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of the platform: its name, language code and named parameters in order.

    ``filled``: its body with these values, as far as that is known here.
    """

    name: str
    language: str
    parameters: Mapping[str, str]
    filled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A notice in words.  ``text`` is HTML as aiogram has it; ``template`` says the same outside a window.

    ``choices``: buttons under the free text, label → callback data.  Without a template the notice waits for
    no one: outside the window it fails as ``window_closed``.  ``personal``: it tells of somebody's affairs,
    and is held back from a number that may have new hands.
    """

    text: str
    template: Template | None = None
    choices: Mapping[str, str] | None = None
    personal: bool = True


Render = Callable[[str, Mapping[str, Any], str], Awaitable[Wording]]
"""(notice name, facts, language) → words.  Handed to delivery by the wiring; the core knows no office."""

SaidAt = Callable[[str, datetime], datetime]
"""(notice name, now) → when it may be said: now, or a later moment.  Handed to delivery like `Render`."""


def at_once(name: str, now: datetime) -> datetime:
    """No hours are quiet."""
    return now
