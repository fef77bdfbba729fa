"""What a pretend provider was asked to send, line by line, taken or refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

#: Outcomes in which the person has the message on the screen.
REACHED = frozenset({"accepted", "dropped_after", "hung"})


@dataclass(frozen=True, slots=True)
class Button:
    """One thing a person can tap.

    ``id`` is what comes back (reply id, row id, callback data, template payload), ``url`` is set
    instead for a button that opens a page. ``row`` is true for a row of a list. WhatsApp: ``flow`` is the
    form that opens in the chat, ``asks`` what its own button asks for (``send_location``, …).
    """

    title: str
    id: str = ""
    description: str = ""
    url: str = ""
    row: bool = False
    flow: str = ""
    asks: str = ""


@dataclass(slots=True, kw_only=True)
class Sent:
    """One call that a provider was asked to carry out.

    ``type``: WhatsApp: ``text``, ``image``, ``document``, ``audio``, ``video``, ``sticker``, ``location``,
    ``contacts``, ``reaction``, ``template``, ``interactive.button``, ``interactive.list``,
    ``interactive.cta_url``, ``interactive.flow``, ``interactive.location_request_message``,
    ``interactive.request_contact_info``, ``upload``, ``read``, ``read+typing``. Telegram: the method
    (``sendMessage``, …).
    ``outcome``: ``accepted`` · ``refused`` · ``dropped_before`` (cut off, nobody got it) ·
    ``dropped_after`` (taken, then cut off) · ``hung`` (taken, never answered) · ``http500`` and its like ·
    ``ordered`` (refused because the test ordered it) · ``failed_later`` (taken, then failed by a status).
    ``refusal``: ``CODE: details`` when it was refused.
    """

    at: datetime
    channel: str
    to: str
    type: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    id: str = ""
    outcome: str = "accepted"
    refusal: str = ""
    shown: bool = True  # puts something in front of a person (an upload or a read mark does not)
    reply_to: str = ""  # the message that is answered, reacted to or marked as read
    template: str = ""
    template_values: tuple[str, ...] = ()
    media: bytes | None = field(default=None, repr=False)
    media_sha256: str = ""
    mime_type: str = ""
    filename: str = ""
    callback_data: str = ""  # WhatsApp's biz_opaque_callback_data
    request: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def reached(self) -> bool:
        """Whether the person has it, whatever the caller was told."""
        return self.outcome in REACHED

    def carries(self, media: bytes, *, mime_type: str = "", filename: str = "") -> None:
        self.media, self.mime_type, self.filename = media, mime_type, filename
        self.media_sha256 = hashlib.sha256(media).hexdigest()

    def to_json(self) -> str:
        """One line; the media stays behind as its SHA-256."""
        line = asdict(self) | {"at": self.at.isoformat(), "media": None}
        return json.dumps(line, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Sent:
        fields = json.loads(line)
        fields["at"] = datetime.fromisoformat(fields["at"])
        fields["buttons"] = tuple(Button(**button) for button in fields["buttons"])
        fields["template_values"] = tuple(fields["template_values"])
        return cls(**fields)


class Ledger:
    """Every line in the order the provider decided on it; optionally also a file that others read.

    `on_line` callbacks run before the caller gets the answer, so that a test can never see an
    answered send that the ledger does not know.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.lines: list[Sent] = []
        self.on_line: list[Callable[[Sent], None]] = []
        self._file: TextIO | None = file.open("a", encoding="utf-8") if file else None

    def __iter__(self) -> Iterator[Sent]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, sent: Sent) -> None:
        self.lines.append(sent)
        if self._file:
            self._file.write(sent.to_json() + "\n")
            self._file.flush()
        for told in self.on_line:
            told(sent)

    @property
    def messages(self) -> list[Sent]:
        """What people have got to see, whatever the sender was told."""
        return [sent for sent in self.lines if sent.shown and sent.reached]

    @property
    def refused(self) -> list[Sent]:
        """What broke a rule of the platform: empty in a healthy flow."""
        return [sent for sent in self.lines if sent.outcome in ("refused", "failed_later")]

    def to(self, person: str) -> list[Sent]:
        return [sent for sent in self.messages if sent.to == person]

    def of(self, callback_data: str) -> list[Sent]:
        """The messages that reached somebody under this `biz_opaque_callback_data`."""
        return [sent for sent in self.messages if sent.callback_data == callback_data]

    def close(self) -> None:
        if self._file:
            self._file.close()

    @staticmethod
    def read(file: Path) -> list[Sent]:
        """The lines that a pretend provider in another process has written so far.

        A line that is still being written (no newline yet) is left out.
        """
        whole, _, _ = file.read_text(encoding="utf-8").rpartition("\n")
        return [Sent.from_json(line) for line in whole.splitlines() if line]
