"""A channel of the tests' own: it keeps what it was given and fails as it is told to.

Its webhook body is ``{"events": [{"id": …, "from": …, "text": …, "files": [ids]}]}``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiogram.methods import SendChatAction, SendContact, SendDice, TelegramMethod
from aiohttp import web

from bot.channels import updates
from bot.channels.base import (
    Accept,
    AddressKey,
    Body,
    Caps,
    Channel,
    Degree,
    DeliveryFailed,
    Fault,
    Finding,
    Incoming,
    MediaGone,
    MediaRef,
    MediaUnreachable,
    News,
    ProviderReceipt,
    ReadFile,
    Recipient,
    Scene,
    Sent,
)
from models.inbox import InboxKind
from models.outbox import Receipt

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ACCOUNT = "1"


class Clock:
    """Stands still until told otherwise."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **spans: float) -> None:
        self.now += timedelta(**spans)


class Session:
    """Every method that was taken, with whom it went to and under which tag."""

    def __init__(self) -> None:
        self.taken: list[tuple[TelegramMethod[Any], Recipient, str]] = []
        self.faults: deque[Exception] = deque()  # for the next deliveries, one each
        self.tried = 0
        self.before: Callable[[TelegramMethod[Any]], Any] | None = None  # awaited before a delivery

    @property
    def said(self) -> list[str]:
        return [getattr(method, "text", type(method).__name__) for method, _, _ in self.taken]

    def fails(self, *faults: Exception) -> None:
        self.faults.extend(faults)

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        if isinstance(method, SendDice):
            return Degree.REFUSED
        if isinstance(method, SendContact):
            return Degree.DEGRADED
        return Degree.COSMETIC if isinstance(method, SendChatAction) else Degree.NATIVE

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        self.tried += 1
        if self.before is not None:
            await self.before(method)
        if isinstance(photo := getattr(method, "photo", None), str):
            await files(photo)
        if self.faults:
            raise self.faults.popleft()
        self.taken.append((method, to, tag))
        return Sent(f"out-{tag}")

    async def close(self) -> None:
        self.closed = True


class TestChannel:
    """The adapter; ``media_bytes`` are what its provider holds, by id (None: gone, absent: not reachable)."""

    __test__ = False
    bot_id = 77

    def __init__(self, channel: Channel = Channel.WHATSAPP, caps: Caps | None = None) -> None:
        self.channel = channel
        self.account = ACCOUNT
        self.caps = caps or Caps()
        self.session = Session()
        self.media_bytes: dict[str, bytes | None] = {}
        self.fetched: list[str] = []

    def read(self, payload: Any) -> list[Incoming]:
        return [arrival(**event) for event in payload["events"]]

    def media(self, body: Body) -> Sequence[MediaRef]:
        return [MediaRef(external_id=ident) for ident in body.get("files", ())]

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        self.fetched.append(ref.external_id)
        if ref.external_id not in self.media_bytes:
            raise MediaUnreachable("no_answer")
        content = self.media_bytes[ref.external_id]
        if content is None:
            raise MediaGone("gone")
        return content

    def replied_to(self, body: Body) -> str | None:
        return body.get("replied_to")

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        return [
            ProviderReceipt(
                external_id=body.get("about"), receipt=Receipt(body["receipt"]), until=body.get("until")
            )
        ]

    def news(self, body: Body) -> News | None:
        addresses = tuple(AddressKey(kind, value) for kind, value in body.get("addresses", ()))
        return News(
            reachable=body.get("reachable"),
            addresses=addresses,
            lost=tuple(body.get("lost", ())),
            new_hands=body.get("new_hands", False),
        )

    def update(self, body: Body, scene: Scene) -> Mapping[str, Any] | None:
        if "raw" in body:
            return {"update_id": scene.update_id, **body["raw"]}
        if scene.files:
            return updates.document(scene, scene.files[0], "")
        return updates.text(scene, body["text"])

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        return []

    async def run(self, accept: Accept) -> None:
        return None

    async def check(self) -> Sequence[Finding]:
        return []


def arrival(
    id: str, sender: str = "maria", *, sent_at: datetime | None = None, kind: str = "message", **body: Any
) -> Incoming:
    """One event of a person, with one address of kind ``wa_id``."""
    return Incoming(
        external_id=id,
        kind=InboxKind(kind),
        body=body,
        addresses=(AddressKey("wa_id", sender),) if kind != "receipt" else (),
        name=sender.title(),
        sent_at=sent_at,
    )


def failure(fault: str, code: str = "131", *, after: float | None = None) -> DeliveryFailed:
    wait = None if after is None else timedelta(seconds=after)
    return DeliveryFailed(Fault(fault), code, retry_after=wait)
