"""What a channel's tests hand in, so that the suite can speak to its people and its provider."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, ClassVar, Self

import aiohttp

from bot.channels.base import Caps, ChannelAdapter, ReadFile
from bot.notices import Render
from bot.sealed_storage import SealedStorage
from tests import channels
from tests.fakes.door import knock
from tests.fakes.ledger import Sent
from tests.fakes.server import FakeServer
from tests.phone import Phone

GENUINE, OLD, WRONG, MISSING = "genuine", "old", "wrong", "missing"  # how a body is signed


PLACE = (-10.736, 123.054)  # degrees
CARD = ("+6281398765432", "Yakob Ndun")


@dataclass(frozen=True, slots=True)
class Kit:
    """What an adapter may want besides its settings."""

    http: aiohttp.ClientSession
    storage: SealedStorage
    read: ReadFile
    render: Render
    public_url: str


class Subject(ABC):
    """One channel.  The class says what its platform has; an instance is one pretend platform with people.

    ``can``: what people on it do beyond texts, of ``photo document voice sticker album location contact
    unknown edit reaction block echo``.  ``hidden``: a person may show no number.  ``faults``: how its
    provider can be ordered to fail, of ``throttled down token silent``.
    ``tells``: what its provider says of a message afterwards, of ``taken arrived seen failed``.
    ``captions``: words may stand under a photo.  ``keeps_keyboards``: old ones can still be tapped.
    ``names_messages``: what it tells afterwards is about one message, and no watermark.
    ``signs_bodies``: the door knows a body whose bytes were changed on the way.  ``shows_html``: see `shown`.
    """

    name: ClassVar[str]
    caps: ClassVar[Caps]
    can: ClassVar[frozenset[str]] = frozenset()
    hidden: ClassVar[bool] = True
    faults: ClassVar[frozenset[str]] = frozenset()
    tells: ClassVar[frozenset[str]] = frozenset()
    captions: ClassVar[bool] = True
    keeps_keyboards: ClassVar[bool] = True
    names_messages: ClassVar[bool] = True
    signs_bodies: ClassVar[bool] = True
    shows_html: ClassVar[bool] = False
    unread: ClassVar[Sequence[Any]] = ()  # JSON that means nothing to the channel, beside the usual

    provider: FakeServer | None = None
    phone: Phone
    url: str

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock

    async def __aenter__(self) -> Self:
        if self.provider is not None:
            self.provider.clock = self.clock
            await self.provider.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.provider is not None:
            await self.provider.stop()

    # ------------------------------------------------------------------ to be given

    @abstractmethod
    def adapter(self, kit: Kit) -> ChannelAdapter:
        """The office's adapter in front of the pretend provider; two secrets are valid."""

    @abstractmethod
    async def opens(self, url: str) -> None:
        """The app listens at ``url``: make ``phone``, a person who shows all that one may."""

    @abstractmethod
    async def somebody(self, number: int = 2) -> Phone:
        """Another person, with the least that the platform lets one show."""

    @abstractmethod
    def body(self, person: Phone, text: str) -> bytes:
        """A provider's body in which this person says something new.  Not posted."""

    @abstractmethod
    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        """As if signed with the present key, the one before, a stranger's, or not at all."""

    # ------------------------------------------------------------------ with a usual answer

    @property
    def door(self) -> str:
        return f"{self.url}/webhooks/{self.name}"

    async def posts(self, raw: bytes, how: str = GENUINE) -> int:
        return await knock(self.door, raw, self.headers(raw, how))

    async def looks(self) -> None:
        """The person looks at the screen; for phones that are not told by themselves."""
        return

    async def forges(self) -> list[int]:
        """The statuses of posts that say what the person did not do."""
        return [await self.posts(self.body(self.phone, "palsu"), WRONG)]

    def shown(self, sent: Sent) -> str:
        """The text of a message, markup and all, as the person's app is given it."""
        return sent.text

    def fail_next(self, fault: str, *, seconds: int = 1) -> None:
        """The next message fails so; asked of those that name ``faults``."""
        raise LookupError(f"{self.name} names faults and cannot bring them about")

    async def receipt(self, sent: Sent, word: str) -> int:
        """The provider tells one of ``tells`` of a message; the door's status."""
        raise LookupError(f"{self.name} names receipts and does not tell them")

    def approve(self, name: str, body: str) -> None:
        """The platform approves a template; nothing to do where there are none."""
        return

    async def echo(self, sent: Sent) -> list[int]:
        """The platform brings our own message back to us, in all the ways in which it may."""
        raise LookupError(f"{self.name} can echo and does not")

    async def toasts(self) -> list[str]:
        """The words that stood over the conversation for a moment."""
        return list(getattr(self.phone, "toasts", []))

    async def does(self, what: str) -> int:
        """A ``location`` or ``contact`` is shared, an ``edit`` or ``reaction`` made; the status."""
        person: Any = self.phone
        match what:
            case "location":
                status = await person.sends_location(*PLACE)
            case "contact":
                status = await person.sends_contact(*CARD)
            case "edit":
                status = await person.edits("dua")
            case _:
                status = await person.reacts("👍")
        return int(status)

    async def blocks(self) -> None:
        """The person wants no more of us; the platform tells us now, or at the next message."""
        person: Any = self.phone
        if inspect.isawaitable(told := person.blocks()):
            await told

    async def unblocks(self) -> None:
        person: Any = self.phone
        if inspect.isawaitable(told := person.unblocks()):
            await told

    @property
    def refused(self) -> list[Sent]:
        """What the pretend provider refused because it broke a rule."""
        return [] if self.provider is None else self.provider.ledger.refused


def subjects() -> dict[str, type[Subject]]:
    """Every channel that has a ``subject`` module in its folder of tests, by name."""
    found: dict[str, type[Subject]] = {}
    for module in pkgutil.iter_modules(channels.__path__):
        if module.ispkg and importlib.util.find_spec(f"tests.channels.{module.name}.subject"):
            made = importlib.import_module(f"tests.channels.{module.name}.subject").SUBJECT
            found[made.name] = made
    return found
