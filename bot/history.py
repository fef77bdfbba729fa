"""A conversation read back: what a person said and what was said to them, in order.

It knows rows and edits, not how a page shows them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bot import ids
from models.files import FileState, StoredFile
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from models.sealing.rows import SCRUBBED

PAGE: Final = 50  # lines
AT_ONCE: Final = 200  # rows that `since` returns at most
OVERLAP: Final = timedelta(minutes=2)  # rows may be committed this long after the time they carry

FILE_FIELDS: Final[Mapping[str, str]] = {
    # the Bot API's method -> the field that holds the file
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendAnimation": "animation",
    "sendVideoNote": "video_note",
    "sendSticker": "sticker",
}
MESSAGES: Final = frozenset(
    {"sendMessage", "sendTemplate", "sendLocation", "sendVenue", "sendContact", *FILE_FIELDS}
)
EDITS: Final = frozenset(
    {
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
        "editMessageMedia",
        "deleteMessage",
        "deleteMessages",
    }
)
TOAST: Final = "answerCallbackQuery"
_VISIBLE: Final = (OutboxState.SENDING, OutboxState.SENT)
_1970: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class BadMark(ValueError):
    """The text is not a place in a conversation."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A line's place.  In one instant theirs stand before ours: an answer never precedes its question."""

    at: datetime
    ours: bool
    row: int

    def __str__(self) -> str:
        return f"{_micros(self.at)}.{int(self.ours)}.{self.row}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """Raises: BadMark."""
        at, ours, row = _three(text)
        return cls(_moment(at), bool(ours), row)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has come.

    Rows become visible in another order than their ids (a notice waits for its day) and clocks step back: so
    both the time and the ids are kept, and either brings a row along.
    """

    at: datetime
    heard: int = 0  # the highest inbox id seen
    said: int = 0  # the highest outbox id seen

    def __str__(self) -> str:
        return f"{_micros(self.at)}.{self.heard}.{self.said}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises: BadMark."""
        at, heard, said = _three(text)
        return cls(_moment(at), heard, said)


START: Final = Cursor(_1970)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the person did: the channel's own body, and the files we hold of it."""

    mark: Mark
    external_id: str
    body: Mapping[str, Any]
    files: Sequence[StoredFile] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    row: int
    name: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """Something we said: a method with its fields or a notice with its facts, and what was changed since.

    ``files``: by our file id, whatever the payload and the edits name.
    """

    mark: Mark
    name: str
    notice: bool
    payload: Mapping[str, Any]
    edits: Sequence[Edit] = ()
    files: Mapping[str, StoredFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toast:
    """Words that answer a tap: shown once, no line of the conversation.  ``alert``: until they are closed."""

    mark: Mark
    text: str
    alert: bool


Told = Heard | Said | Toast


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in order.  ``before`` asks for the page above (None: the top), ``cursor`` for what comes next."""

    lines: Sequence[Told]
    before: Mark | None
    cursor: Cursor


class History:
    """The conversations of one channel's account."""

    def __init__(self, channel: str, account: str) -> None:
        self._channel = channel
        self._account = account

    async def page(self, contact_id: int, *, before: Mark | None = None) -> Page:
        """The last lines before a place, or the last of all."""
        heard = (
            await self._heard(contact_id)
            .filter(_heard_before(before))
            .order_by("-received_at", "-id")
            .limit(PAGE)
        )
        said = (
            await self._messages(contact_id)
            .filter(_said_before(before))
            .order_by("-sent_at", "-id")
            .limit(PAGE)
        )
        if before is None:  # what is on its way right now stands last
            said = [*await self._messages(contact_id).filter(state=OutboxState.SENDING), *said]
        newest = await self._ours(contact_id).order_by("-id").limit(1)
        lines = await self._told(contact_id, heard, said)
        kept = lines[-PAGE:]
        more = len(lines) > PAGE or len(heard) == PAGE or len(said) >= PAGE
        return Page(kept, kept[0].mark if more and kept else None, _cursor(START, heard, [*said, *newest]))

    async def since(self, contact_id: int, cursor: Cursor) -> Page | None:
        """What is new or changed since, some of it perhaps known already; None: too much at once."""
        late = cursor.at - OVERLAP if cursor.at > _1970 + OVERLAP else _1970
        heard = (
            await self._heard(contact_id)
            .filter(Q(id__gt=cursor.heard) | Q(received_at__gte=late))
            .order_by("id")
            .limit(AT_ONCE + 1)
        )
        ours = (
            await self._ours(contact_id)
            .filter(Q(id__gt=cursor.said) | Q(state=OutboxState.SENDING) | Q(sent_at__gte=late))
            .order_by("id")
            .limit(AT_ONCE + 1)
        )
        if len(heard) > AT_ONCE or len(ours) > AT_ONCE:
            return None
        messages = [row for row in ours if row.kind is OutboxKind.NOTICE or row.name in MESSAGES]
        edited = {row for edit in ours if edit.name in EDITS for row in _targets(edit)}
        edited -= {row.id for row in messages}
        if edited:
            messages += await self._messages(contact_id).filter(id__in=edited)
        toasts = [_toast(row) for row in ours if row.name == TOAST and row.id > cursor.said]
        lines = [*await self._told(contact_id, heard, messages), *toasts]
        return Page(lines, None, _cursor(cursor, heard, ours))

    async def message(self, contact_id: int, outbox_id: int) -> Said | None:
        """One message of ours to this person, with its edits."""
        rows = await self._messages(contact_id).filter(id=outbox_id)
        return (await self._said(contact_id, rows))[0] if rows else None

    async def may_read(self, contact_id: int, file_id: str) -> bool:
        """Whether this person sent us the file here, or was sent it."""
        if await StoredFile.filter(
            file_id=file_id,
            state=FileState.STORED,
            event__contact_id=contact_id,
            event__channel=self._channel,
            event__account=self._account,
        ).exists():
            return True
        showing = self._ours(contact_id).filter(name__in=(*FILE_FIELDS, "editMessageMedia")).order_by("-id")
        async for row in showing:
            if file_id in _files_of(row.name, json.loads(row.payload)):
                return True
        return False

    # ------------------------------------------------------------------ rows

    def _heard(self, contact_id: int) -> QuerySet[InboxEvent]:
        return InboxEvent.filter(
            contact_id=contact_id, channel=self._channel, account=self._account, kind=InboxKind.MESSAGE
        ).exclude(body=SCRUBBED)

    def _ours(self, contact_id: int) -> QuerySet[OutboxMessage]:
        return OutboxMessage.filter(
            contact_id=contact_id, channel=self._channel, account=self._account, state__in=_VISIBLE
        ).exclude(payload=SCRUBBED)

    def _messages(self, contact_id: int) -> QuerySet[OutboxMessage]:
        return self._ours(contact_id).filter(Q(kind=OutboxKind.NOTICE) | Q(name__in=MESSAGES))

    async def _told(
        self, contact_id: int, heard: Sequence[InboxEvent], said: Sequence[OutboxMessage]
    ) -> list[Told]:
        lines: list[Told] = [*await self._with_files(heard), *await self._said(contact_id, said)]
        return sorted(lines, key=lambda line: line.mark)

    async def _with_files(self, rows: Sequence[InboxEvent]) -> list[Heard]:
        files: dict[int | None, list[StoredFile]] = {}
        if rows:
            for file in await StoredFile.filter(event_id__in=[row.id for row in rows]).order_by("position"):
                files.setdefault(file.event_id, []).append(file)
        return [
            Heard(
                Mark(row.received_at, False, row.id),
                row.external_id,
                json.loads(row.body),
                files.get(row.id, []),
            )
            for row in rows
        ]

    async def _said(self, contact_id: int, rows: Sequence[OutboxMessage]) -> list[Said]:
        if not rows:
            return []
        edits = await self._edits(contact_id, {row.id for row in rows})
        payloads = {row.id: json.loads(row.payload) for row in rows}
        named = {file for row in rows for file in _files_of(row.name, payloads[row.id])}
        named |= {
            file for many in edits.values() for edit in many for file in _files_of(edit.name, edit.payload)
        }
        files = {row.file_id: row for row in await StoredFile.filter(file_id__in=named)} if named else {}
        latest = max(row.sent_at or row.due_at for row in rows)
        return [
            Said(
                Mark(row.sent_at or latest, True, row.id),  # what is on its way stands behind what was sent
                row.name,
                row.kind is OutboxKind.NOTICE,
                payloads[row.id],
                edits.get(row.id, ()),
                files,
            )
            for row in rows
        ]

    async def _edits(self, contact_id: int, of: set[int]) -> dict[int, list[Edit]]:
        """The edits of these messages, in the order in which they were made."""
        found: dict[int, list[Edit]] = {}
        for row in await self._ours(contact_id).filter(id__gt=min(of), name__in=EDITS).order_by("id"):
            edit = Edit(row.id, row.name, json.loads(row.payload))
            for target in _targets(row) & of:
                found.setdefault(target, []).append(edit)
        return found


def _toast(row: OutboxMessage) -> Toast:
    payload = json.loads(row.payload)
    alert = payload.get("show_alert") is True
    return Toast(Mark(row.sent_at or row.due_at, True, row.id), str(payload.get("text") or ""), alert)


def _heard_before(mark: Mark | None) -> Q:
    if mark is None:
        return Q()
    if mark.ours:
        return Q(received_at__lte=mark.at)
    return Q(received_at__lt=mark.at) | Q(received_at=mark.at, id__lt=mark.row)


def _said_before(mark: Mark | None) -> Q:
    sent = Q(state=OutboxState.SENT)
    if mark is None:
        return sent
    if not mark.ours:
        return sent & Q(sent_at__lt=mark.at)
    return sent & (Q(sent_at__lt=mark.at) | Q(sent_at=mark.at, id__lt=mark.row))


def _cursor(before: Cursor, heard: Iterable[InboxEvent], said: Iterable[OutboxMessage]) -> Cursor:
    heard, said = list(heard), list(said)
    return Cursor(
        max([before.at, *(row.received_at for row in heard), *(row.sent_at for row in said if row.sent_at)]),
        max([before.heard, *(row.id for row in heard)]),
        max([before.said, *(row.id for row in said)]),
    )


def _targets(edit: OutboxMessage) -> set[int]:
    """The outbox rows that an edit changes."""
    payload = json.loads(edit.payload)
    named = [payload.get("message_id"), *(payload.get("message_ids") or ())]
    return {row for n in named if n is not None and (row := ids.outbox_id(int(n))) is not None}


def _files_of(name: str, payload: Mapping[str, Any]) -> set[str]:
    media = payload.get("media") if name == "editMessageMedia" else None
    file = media.get("media") if isinstance(media, dict) else payload.get(FILE_FIELDS.get(name, ""))
    return {file} if isinstance(file, str) else set()


def _micros(at: datetime) -> int:
    return (at - _1970) // _MICROSECOND


def _moment(micros: int) -> datetime:
    try:
        return _1970 + micros * _MICROSECOND
    except OverflowError as error:
        raise BadMark(str(micros)) from error


def _three(text: str) -> tuple[int, int, int]:
    parts = text.split(".")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) <= 18 for p in parts):
        raise BadMark(text[:64])
    return int(parts[0]), int(parts[1]), int(parts[2])
