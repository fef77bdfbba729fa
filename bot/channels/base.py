"""What a channel is to the core: the names a new channel has to fill in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from aiogram.methods import TelegramMethod
from aiohttp import web

from bot.bell import Bell
from models.files import StoredFile
from models.inbox import InboxKind
from models.outbox import Receipt
from models.quarantine import Reason
from models.sealing.held import ring

Body = dict[str, Any]  # one event as JSON: the provider's own object and what surrounded it


class Channel(StrEnum):
    """The channels that the house began with.  One added later is known by its name alone, a plain `str`."""

    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    TELEGRAM = "telegram"
    WEBCHAT = "webchat"


@dataclass(frozen=True, slots=True)
class AddressKey:
    """One way to write to a person: ``("wa_id", "6281…")``, ``("bsuid", "ID.…")``, ``("telegram", "42")``."""

    kind: str
    value: str

    @property
    def index(self) -> str:
        """By which it is found among sealed addresses."""
        return ring().index(self.kind, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One event out of a webhook body, as the inbox keeps it.

    ``external_id`` is unique within (channel, account).  ``addresses`` are the sender's, best first; empty
    where nobody speaks (receipts, account news).  ``body`` holds all that the later rooms need.
    """

    external_id: str
    kind: InboxKind
    body: Body
    addresses: tuple[AddressKey, ...] = ()
    name: str = ""
    sent_at: datetime | None = None
    aside: Reason | None = None  # why nobody looks at it: it goes to the quarantine, not to the inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A file that an event points to, or that the door has already taken in (``held`` = its storage key).

    ``mime``, ``name`` and ``size`` (bytes) are the sender's claims.
    """

    external_id: str
    mime: str = "application/octet-stream"
    name: str | None = None
    size: int | None = None
    held: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReceipt:
    """A provider's word on one message of ours, found by its id or by the tag we sent along.

    ``until`` is a watermark instead: it speaks of everything sent to this person at or before that moment;
    the event then carries the person's addresses.
    """

    external_id: str | None = None
    tag: str | None = None
    receipt: Receipt
    failure: "DeliveryFailed | None" = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened to a person's address, in an `InboxKind.NEWS` event.

    ``reachable``: they blocked us (False) or let us in again (True).  ``addresses`` are theirs from now on,
    in place of those of the same kind; of the kinds ``lost`` they have none any more.  ``new_hands``:
    somebody else may hold the number, so case data is shown only after the person has proved who they are.
    """

    reachable: bool | None = None
    addresses: tuple[AddressKey, ...] = ()
    lost: tuple[str, ...] = ()
    new_hands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a translator may know besides the body.

    ``chat_id`` (= user id) and ``message_id`` are ours; ``files`` lie in the order of `media`, and ``part``
    is the one that is asked about: an event with several files is as many messages to handlers.
    ``replied_to`` is our id of the message that a tap or quote names, if we know it.
    """

    update_id: int
    chat_id: int
    message_id: int
    name: str
    language: str
    at: datetime
    files: Sequence[StoredFile] = ()
    part: int = 0
    replied_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The capability sheet: what the channel's platform gives and forbids."""

    file_prefix: str = "xx"  # two letters that begin our file ids: `wa-3f9c…`
    window: timedelta | None = None  # free text only this long after the person last wrote; None: always
    edits: bool = False  # a message can be changed in place
    idempotent: bool = False  # sending the same row twice shows it once
    own_keyboards: bool = False  # the platform keeps buttons itself (Telegram): typed "1" is not a tap
    own_chat_ids: str | None = None  # the kind of address that handlers see as chat id; None: ours
    per_second: float = 30.0  # sends per second and account
    counts_incoming: bool = False  # what comes in counts against ``per_second``, too
    per_person: float = 1.0  # sends per second to one person, in the long run
    person_burst: int = 20  # and so many at once
    text_limit: int = 4096  # characters of one message
    caption_limit: int = 1024  # characters under a file
    buttons: int = 0  # most to tap under a message that all show; 0: choices are numbered lines
    rows: int = 0  # most choices of one message that can be tapped, by a list or otherwise
    media: frozenset[str] = frozenset()  # photo, document, video, audio, voice, sticker that go out as such
    receipts: bool = False  # the platform says when a message arrived or was seen
    rings: bool = True  # a message that arrives is heard: the hours count; False: it is seen when they look
    signed: bool = True  # the door can tell a genuine body


class Degree(StrEnum):
    """How much of a method a channel can show."""

    NATIVE = "native"
    DEGRADED = "degraded"  # arrives in another form: an edit as a new message, an album one by one
    COSMETIC = "cosmetic"  # left out, and nothing is lost: a typing mark
    REFUSED = "refused"  # there is nothing like it; the handler's call raises `UnsupportedOnChannel`


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The person a row goes to: every address on this channel, best first.

    ``messages``: our id of each message that the method names → the platform's.  ``last``: the platform's id
    of the last thing they said, where the method has a use for it.  ``shown``: how many messages of this very
    method they have seen already, where it takes several.
    """

    addresses: tuple[AddressKey, ...]
    messages: Mapping[int, str] = field(default_factory=dict)
    last: str | None = None
    shown: int = 0

    def value(self, kind: str) -> str | None:
        return next((a.value for a in self.addresses if a.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message (which is not: it arrived).  ``external_id`` is its name for it.

    ``addresses``: what the answer taught us of the person, to be kept beside what we had.
    """

    external_id: str | None
    addresses: tuple[AddressKey, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldFile:
    content: bytes = field(repr=False)
    mime: str
    name: str


ReadFile = Callable[[str], Awaitable[HeldFile]]  # by our file_id; raises FileNotFoundError


class Fault(StrEnum):
    """What a failed delivery asks for."""

    RETRY = "retry"  # patience helps
    WAIT = "wait"  # not to this person, not today
    PAUSE = "pause"  # the whole channel stands still until a human has looked
    TEMPLATE = "template"  # the window is closed: say it as a template
    TEMPLATE_FAULT = "template_fault"  # this template is refused: stop its campaign, tell its author
    UNREACHABLE = "unreachable"  # this address takes nothing
    MOVED = "moved"  # the chat has another address now: send it there, once
    GIVE_UP = "give_up"  # this message will never be taken
    UNKNOWN = "unknown"  # bytes left, no answer: it may have arrived


class Throttled(StrEnum):
    """Whom a `Fault.RETRY` asks to be written to more slowly."""

    PERSON = "person"
    ACCOUNT = "account"  # nobody is written to until the wait is over


class DeliveryFailed(Exception):
    """A channel did not take a message.  ``code`` is the provider's; the text of its answer is never kept.

    ``certain``: False where the refusal may be chance; the address is given up if it comes another day, too.
    ``backoff``: what the wait is multiplied by at each further try.  ``moved_to``: of `Fault.MOVED`.
    ``shown``: see `Recipient`; a further try begins behind them.
    A `Fault.TEMPLATE_FAULT` with ``retry_after`` is a pause of the template, without one its end.
    """

    def __init__(
        self,
        fault: Fault,
        code: str,
        *,
        retry_after: timedelta | None = None,
        backoff: float = 1.0,
        certain: bool = True,
        moved_to: AddressKey | None = None,
        throttled: Throttled | None = None,
        shown: int = 0,
    ) -> None:
        super().__init__(f"{fault}: {code}")
        self.fault = fault
        self.code = code
        self.retry_after = retry_after
        self.backoff = backoff
        self.certain = certain
        self.moved_to = moved_to
        self.throttled = throttled
        self.shown = shown


class MediaGone(Exception):
    """The provider no longer has the file, or it is not one we may fetch.  ``problem`` is a short code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class MediaUnreachable(Exception):
    """The file could not be fetched now; later may help."""


class MalformedBody(Exception):
    """A genuine body that this channel cannot read; the text names the missing field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredTemplate:
    """A template as its platform lists it.  ``category`` and ``status`` are the platform's words.

    ``parameters``: the variables of its body in order, by name or as ``"1"``, ``"2"`` …
    """

    name: str
    language: str
    category: str
    status: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`."""

    name: str
    ok: bool
    detail: str = ""


class ChannelSession(Protocol):
    """Turns aiogram methods into the channel's API calls.  Only delivery holds one."""

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        """How much of this very method the channel can show; no row is written for a cosmetic one."""

    async def deliver(self, method: TelegramMethod[Any], to: Recipient, tag: str, files: ReadFile) -> Sent:
        """Make the call.  ``tag`` is our outbox id, which the provider echoes where it can.

        Raises: DeliveryFailed, and nothing else.
        """

    async def close(self) -> None: ...


Accept = Callable[["ChannelAdapter", bytes], Awaitable[web.Response]]
"""The door: takes a genuine raw body; answers 200 once stored, 400 not JSON, 503 not stored."""


class ChannelAdapter(Protocol):
    """One configured account of one channel."""

    @property
    def channel(self) -> str:
        """Its name: small letters, at most 16, the same everywhere (settings, rows, metrics)."""

    @property
    def account(self) -> str: ...
    @property
    def bot_id(self) -> int: ...
    @property
    def caps(self) -> Caps: ...
    @property
    def session(self) -> ChannelSession: ...

    def read(self, payload: Any) -> list[Incoming]:
        """The events of one parsed webhook body.  An unknown kind becomes `InboxKind.OTHER`, never an error.

        Raises: MalformedBody where not even the envelope can be understood.
        """

    def media(self, body: Body) -> Sequence[MediaRef]:
        """The files that an event points to, in order."""

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The file, at most ``limit`` bytes.  Raises: MediaGone, MediaUnreachable."""

    def replied_to(self, body: Body) -> str | None:
        """The provider's id of the message of ours that was tapped or quoted."""

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        """Of an `InboxKind.RECEIPT` body."""

    def news(self, body: Body) -> News | None:
        """Of an `InboxKind.NEWS` body."""

    def update(self, body: Body, scene: Scene) -> Mapping[str, Any] | None:
        """The aiogram ``Update`` as plain data, or None where there is nothing to handle."""

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        """The channel's HTTP doors.  Each verifies the raw bytes, then hands them to ``accept``."""

    async def run(self, accept: Accept) -> None:
        """Whatever the channel does besides (long polling); returns at once where it does nothing."""

    async def check(self) -> Sequence[Finding]:
        """For `doctor`: credentials and subscription, asked of the provider."""


@runtime_checkable
class HasTemplates(Protocol):
    """An account whose templates the platform approves."""

    async def templates(self) -> Sequence[RegisteredTemplate]:
        """All of them, asked of the platform.  Raises: DeliveryFailed."""


@runtime_checkable
class HasBell(Protocol):
    """A channel whose people wait at our own doors, and are rung when there is news."""

    bell: Bell


@runtime_checkable
class HasApp(Protocol):
    """An account that gets its bodies by a platform's app, which may speak for several accounts of ours."""

    @property
    def app(self) -> str:
        """What is the same for accounts whose bodies are signed alike; never the secret itself."""


@runtime_checkable
class HasTier(Protocol):
    """An account that may write first to so many people a day and no more."""

    async def tier(self) -> int | None:
        """People in 24 hours, asked of the platform; None: no limit.  Raises: DeliveryFailed."""
