"""What must hold after every run, whatever was killed, cut off, doubled or reordered in it.

I1  what was acknowledged is in the inbox, once, and is done or parked
I2  under one key a provider has accepted one message at most
I3  what no provider has accepted is queued, failed, unknown, cancelled or expired
I4  what a provider has accepted is sent; `unknown` is the one exception
I5  each request has one legal history
I6  nothing stays in a middle state
I7  no log holds a name, number, text or token
I8  one person's answers came in their order

"Accepted" is what the provider's ledger says, never what we believe.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.requests import RequestState
from models.sealing.rows import SCRUBBED
from office.lifecycle import EDGES
from tests.fakes.ledger import Ledger, Sent
from tests.faults.rows import Heard, Rows, Said
from tests.messenger_phone import MessengerPhone
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.posted_phone import PostedPhone

UNACCEPTED = {"queued", "failed", "unknown", "cancelled", "expired"}
UNACCEPTED_FOR_NOW = {"claimed", "sending"}  # I6 speaks of these
ACCEPTED = {"sent", "unknown"}


@dataclass(frozen=True, slots=True)
class Finding:
    invariant: str
    what: str


def check(
    rows: Rows,
    ledgers: Mapping[str, Ledger],
    people: Iterable[PostedPhone] = (),
    *,
    logs: Path | None = None,
    secrets: Collection[str] = (),
) -> list[Finding]:
    """All of them, once the office is at rest."""
    found = [Finding("I1", what) for what in lost(rows, people)]
    for channel, ledger in ledgers.items():
        outbox = [row for row in rows.outbox if row.channel == channel]
        if channel == "telegram":
            found += list(_without_tags(outbox, ledger, rows.addresses))
        else:
            found += list(_by_tags(outbox, ledger))
    found += [Finding("I5", what) for what in illegal_histories(rows)]
    found += [Finding("I6", f"{type(row).__name__} {row.id} is {row.state}") for row in rows.unfinished]
    found += [Finding("I7", what) for what in overheard(logs, secrets)] if logs is not None else []
    found += [Finding("I8", what) for what in out_of_order(rows, ledgers)]
    return found


# ---------------------------------------------------------------------- I1


def lost(rows: Rows, people: Iterable[PostedPhone]) -> Iterator[str]:
    kept: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for row in rows.inbox:
        kept[row.channel, row.external_id].append(row)
    for channel, ident in acknowledged(people):
        states = [row.state for row in kept[channel, ident]]
        if states not in (["done"], ["parked"]):
            yield f"{channel} {ident}: {states}"


def acknowledged(people: Iterable[PostedPhone]) -> set[tuple[str, str]]:
    """Channel and id of every event that the office answered with 200."""
    found: set[tuple[str, str]] = set()
    for phone in people:
        refused = Counter(phone.not_taken)
        for body in {body for body, times in Counter(phone.posted).items() if times > refused[body]}:
            found |= set(_events(phone, body))
    return found


def _events(phone: PostedPhone, body: bytes) -> Iterator[tuple[str, str]]:
    told = json.loads(body)
    if isinstance(phone, TelegramPhone):
        yield "telegram", str(told["update_id"])
        return
    for entry in told["entry"]:
        if isinstance(phone, WhatsAppPhone):
            for change in entry["changes"]:
                yield from (("whatsapp", message["id"]) for message in change["value"].get("messages", ()))
        elif isinstance(phone, MessengerPhone):
            for item in entry.get("messaging", ()):
                if ident := (item.get("message") or item.get("postback") or {}).get("mid"):
                    yield "messenger", ident


# ---------------------------------------------------------------------- I2, I3, I4


def _by_tags(outbox: Sequence[Said], ledger: Ledger) -> Iterator[Finding]:
    """Where the provider gives our own key back: WhatsApp's callback data, Messenger's metadata."""
    accepted: Counter[str] = Counter(sent.callback_data for sent in ledger.messages if sent.callback_data)
    shown = {sent.id for sent in ledger.messages}
    states = {str(row.id): row for row in outbox}
    for tag, times in accepted.items():
        row = states.get(tag)
        if times > 1:
            yield Finding("I2", f"outbox {tag} was accepted {times} times")
        if row is None:
            yield Finding("I4", f"outbox {tag} was accepted, and there is no such row")
        elif row.state not in ACCEPTED:
            yield Finding("I4", f"outbox {tag} was accepted, and is {row.state}")
    for tag, row in states.items():
        if tag not in accepted and row.state not in UNACCEPTED | UNACCEPTED_FOR_NOW and _is_a_message(row):
            if row.external_id in shown:
                continue  # a message of several parts, of which only one bears the key
            yield Finding("I3", f"outbox {tag} is {row.state}, and nobody accepted it")


def _without_tags(
    outbox: Sequence[Said], ledger: Ledger, addresses: Mapping[int, set[str]]
) -> Iterator[Finding]:
    """Telegram gives no key back: what was accepted is what we have its id of, or one of the `unknown`."""
    unclaimed: dict[str, list[Sent]] = defaultdict(list)
    for call in _calls(ledger.messages):
        unclaimed[call[0].to].append(call[0])
    for row in outbox:
        if row.state != "sent" or _is_purged(row) or not _is_a_message(row):
            continue
        mine = [sent for place in addresses.get(row.contact_id, ()) for sent in unclaimed[place]]
        match = next((sent for sent in mine if sent.id == row.external_id), None)
        if match is None:
            yield Finding("I3", f"outbox {row.id} is sent, and nobody accepted it")
        else:
            unclaimed[match.to].remove(match)
    for row in sorted(outbox, key=_says_anything):
        if row.state == "unknown" or (row.state == "sent" and _is_purged(row)):
            mine = [sent for place in addresses.get(row.contact_id, ()) for sent in unclaimed[place]]
            match = next((sent for sent in mine if _may_be(row, sent)), None)
            if match is not None:
                unclaimed[match.to].remove(match)
    for left in unclaimed.values():
        for sent in left:
            yield Finding("I2", f"telegram message {sent.id} is no sent or unknown row's")


def _calls(messages: Iterable[Sent]) -> Iterator[list[Sent]]:
    """The lines of one call: an album is several."""
    by_call: dict[int, list[Sent]] = defaultdict(list)
    for sent in messages:
        if sent.type.startswith("send"):
            by_call[id(sent.request)].append(sent)
    return iter(by_call.values())


def _is_a_message(row: Said) -> bool:
    """A notice, or a method that puts a message of its own before a person."""
    return row.kind == "notice" or row.name.startswith("send")


def _is_purged(row: Said) -> bool:
    """Neither its words nor the platform's id of it are left: it may have been any."""
    return row.external_id is None and row.payload == SCRUBBED


def _says_anything(row: Said) -> bool:
    """Those whose words are known choose first: to the others any message may belong."""
    return row.kind == "notice" or not _words(row)


def _words(row: Said) -> str:
    said = json.loads(row.payload)
    return str(said.get("text") or said.get("caption") or "")


def _may_be(row: Said, sent: Sent) -> bool:
    """A reply is known by its words; a notice is worded only when it leaves."""
    if row.kind == "notice":
        return True
    words = _words(row)
    return _plain(sent.text) == _plain(words) or not words


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


# ---------------------------------------------------------------------- I5, I6, I7, I8


def illegal_histories(rows: Rows) -> Iterator[str]:
    stands: dict[int, str | None] = dict.fromkeys(rows.requests)
    submitted: Counter[int] = Counter()
    for change in rows.journal:
        before = stands[change.request_id]
        if before is not None and change.before != before:
            yield f"request {change.request_id} stood at {before}, and went on from {change.before}"
        if change.before != change.after and change.before is not None:
            legal = EDGES[RequestState(change.before)]
            if RequestState(str(change.after)) not in legal:
                yield f"request {change.request_id} went from {change.before} to {change.after}"
        stands[change.request_id] = change.after
        submitted[change.request_id] += change.after == "submitted" and change.before == "draft"
    for ident, state in rows.requests.items():
        if stands[ident] not in (None, state):
            yield f"request {ident} is {state}, its journal ends at {stands[ident]}"
        if submitted[ident] > 1:
            yield f"request {ident} was handed in {submitted[ident]} times"


def overheard(logs: Path, secrets: Collection[str]) -> Iterator[str]:
    wanted = [secret.encode() for secret in secrets]
    for file in logs.iterdir():
        content = file.read_bytes()
        yield from (f"{file.name} holds a secret of {len(one)} bytes" for one in wanted if one in content)


def out_of_order(rows: Rows, ledgers: Mapping[str, Ledger]) -> Iterator[str]:
    """Answers only: a notice that waits for its hour holds up no answer."""
    replies = {str(row.id): row for row in rows.outbox if row.kind == "reply" and row.name.startswith("send")}
    for channel, ledger in ledgers.items():
        by_id = {row.external_id: row for row in replies.values() if row.channel == channel}
        last: dict[str, int] = {}
        for sent in ledger.messages:
            row = replies.get(sent.callback_data) if sent.callback_data else by_id.get(sent.id)
            if row is None:
                continue
            if row.id < last.get(sent.to, 0):
                yield f"outbox {row.id} came after {last[sent.to]} to the same person on {channel}"
            last[sent.to] = max(row.id, last.get(sent.to, 0))
