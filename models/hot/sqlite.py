"""The hot path on SQLite: a reader of its own on the event loop, and one visit to the writer's thread."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from models.contacts import Contact, sealed_address
from models.hot.sealing import body, name, opened_state, payload, sealed_state
from models.hot.shapes import Ask, Begun, Item, Place, Row, Sent, Standing, State, Stored, Turn, Verdict
from models.sealing.held import ring
from models.sqlite_backend import ImmediateSqliteClient

_Run = Callable[..., sqlite3.Cursor]

_STANDING: Final = """
SELECT c.id, c.office_id, c.name, c.language, c.created_at, c.merged_into,
       t.id AS talk_id, COALESCE(t.turn, 0) AS turn, COALESCE(t.choices, '[0, []]') AS choices,
       t.reverify_since IS NOT NULL AS in_doubt,
       EXISTS (SELECT 1 FROM inbox i WHERE i.office_id = ?4 AND i.contact_id = c.id AND i.state = 'new'
               AND i.id < ?5) AS unhandled,
       (SELECT count(*) FROM outbox o WHERE o.office_id = ?4 AND o.contact_id = c.id AND o.channel = ?1
        AND o.state IN ('queued', 'claimed', 'sending')) AS unsent
FROM contacts c LEFT JOIN conversations t
     ON t.office_id = ?4 AND t.contact_id = c.id AND t.channel = ?1 AND t.account = ?2
WHERE c.office_id = ?4 AND c.id = ?3
"""
_OWNER: Final = """
SELECT contact_id FROM addresses
WHERE office_id = ? AND channel = ? AND account = ? AND kind = ? AND value = ?
"""
_STATE: Final = "SELECT state, data FROM fsm WHERE key = ? AND office_id = ?"

_CONTACT: Final = """
INSERT INTO contacts (id, office_id, name, language, created_at) VALUES (?, ?, ?, 'id', ?)
"""
_ADDRESS: Final = """
INSERT INTO addresses (office_id, contact_id, channel, account, kind, value, sealed, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_HEARD: Final = """
INSERT INTO inbox (id, office_id, channel, account, external_id, kind, contact_id, body, sent_at, received_at,
                   state, tries, error, done_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
ON CONFLICT (channel, account, external_id) DO NOTHING
"""
_DONE: Final = """
UPDATE inbox SET state = ?, done_at = ?, error = ? WHERE office_id = ? AND id = ? AND state = 'new'
"""
_TALK: Final = """
INSERT INTO conversations (office_id, contact_id, channel, account, last_heard_at, window_expires_at, choices,
                           turn)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, COALESCE(?7, '[0, []]'), 1)
ON CONFLICT (contact_id, channel, account) DO UPDATE
SET last_heard_at = ?5, unreachable_at = NULL, refused_at = NULL, turn = turn + 1,
    choices = COALESCE(?7, choices),
    window_expires_at = CASE WHEN window_expires_at > ?6 OR ?6 IS NULL THEN window_expires_at ELSE ?6 END
"""
_MOVED: Final = """
INSERT INTO fsm (key, office_id, state, data) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, data = excluded.data
"""
_GONE: Final = "DELETE FROM fsm WHERE key = ? AND office_id = ?"
_SAID: Final = """
INSERT INTO outbox (id, office_id, contact_id, channel, account, kind, key, name, payload, state, due_at,
                    attempts, receipt, created_at, degree, token, lease_until, shown)
VALUES (?, ?, ?, ?, ?, 'reply', ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, 0)
ON CONFLICT (key) DO NOTHING
"""
_BEGUN: Final = """
UPDATE outbox SET state = 'sending', lease_until = ?
WHERE office_id = ? AND id = ? AND token = ? AND state = 'claimed'
"""
_SENT: Final = """
UPDATE outbox
SET state = 'sent', external_id = ?, sent_as = ?, sent_at = ?, failure = NULL, lease_until = NULL
WHERE office_id = ? AND id = ? AND token = ? AND state = 'sending'
"""


class SqliteHot:
    """Reads see what is committed; a write waits for its turn among the process's transactions."""

    def __init__(self, client: ImmediateSqliteClient) -> None:
        self._client = client
        self._reader = sqlite3.connect(
            f"file:{client.filename}?mode=ro", uri=True, isolation_level=None, cached_statements=32
        )

    def close(self) -> None:
        self._reader.close()

    async def standing(self, ask: Ask) -> Standing | None:
        found = self._reader.execute(
            _STANDING, (ask.channel, ask.account, ask.contact_id, ask.office_id, ask.before)
        ).fetchone()
        if found is None:
            return None
        contact = Contact._init_from_db(
            id=found[0],
            office_id=found[1],
            name=found[2],
            language=found[3],
            created_at=datetime.fromisoformat(found[4]),
            merged_into=found[5],
        )
        states = {
            key: state for key in ask.keys if (state := await self.state(key, ask.office_id)) is not None
        }
        return Standing(
            contact, found[6], found[7], found[8], bool(found[9]), bool(found[10]), found[11], states
        )

    async def owners(self, place: Place, addresses: Sequence[tuple[str, str]]) -> list[int]:
        rows = [
            self._reader.execute(_OWNER, (*place, kind, ring().index(kind, value))).fetchone()
            for kind, value in addresses
        ]
        return [row[0] for row in rows if row is not None]

    async def state(self, key: str, office_id: int) -> State | None:
        found = self._reader.execute(_STATE, (key, office_id)).fetchone()
        return opened_state(key, office_id, found) if found is not None else None

    async def write(self, items: Sequence[Item]) -> list[Verdict]:
        return await self._client.at_once(lambda db: _write(db, items))


def _write(db: sqlite3.Connection, items: Sequence[Item]) -> list[Verdict]:
    return [_one(db.execute, item) for item in items]


def _one(run: _Run, item: Item) -> Verdict:
    match item:
        case Turn():
            verdict = _hear(run, item, item.state)
            if verdict is Verdict.KEPT:
                _happen(run, item)
            return verdict
        case Stored():
            return _hear(run, item.turn, "new")
        case Begun():
            done = run(_BEGUN, (_text(item.lease_until), item.office_id, item.id, item.token))
        case Sent():
            mine = (item.office_id, item.id, item.token)
            done = run(_SENT, (item.external_id, item.sent_as, _text(item.at), *mine))
    return Verdict.KEPT if done.rowcount else Verdict.OVERTAKEN


def _hear(run: _Run, turn: Turn, state: str) -> Verdict:
    received = _text(turn.received_at)
    if turn.stored:
        done = run(_DONE, (state, received, turn.error, turn.office_id, turn.id)).rowcount
        return Verdict.KEPT if done else Verdict.SEEN
    if turn.newcomer:
        place = (turn.channel, turn.account)
        theirs = (turn.office_id, *place)
        addresses = [(kind, *sealed_address(*theirs, kind, value)) for kind, value in turn.newcomer]
        if any(run(_OWNER, (*theirs, kind, index)).fetchone() for kind, index, _ in addresses):
            return Verdict.OVERTAKEN
        run(_CONTACT, (turn.contact_id, turn.office_id, name(turn), received))
        for one in addresses:
            run(_ADDRESS, (turn.office_id, turn.contact_id, *place, *one, received))
    kept = run(
        _HEARD,
        (
            turn.id, turn.office_id, turn.channel, turn.account, turn.external_id, turn.kind, turn.contact_id,
            body(turn), _text(turn.sent_at), received, state, turn.error,
            None if state == "new" else received,
        ),
    ).rowcount  # fmt: skip
    return Verdict.KEPT if kept else Verdict.SEEN


def _happen(run: _Run, turn: Turn) -> None:
    received, until = _text(turn.received_at), _text(turn.open_until)
    place = (turn.office_id, turn.contact_id, turn.channel, turn.account)
    run(_TALK, (*place, received, until, turn.choices))
    for key, state in turn.changed.items():
        if state is None:
            run(_GONE, (key, turn.office_id))
        else:
            run(_MOVED, (key, turn.office_id, *sealed_state(key, turn.office_id, state)))
    for row in turn.said:
        run(_SAID, _said(turn, row))


def _said(turn: Turn, row: Row) -> tuple[Any, ...]:
    at = _text(row.created_at)
    return (
        row.id, turn.office_id, row.contact_id, row.channel, row.account, row.key, row.name, payload(row),
        row.state, at, at, row.degree, row.token, _text(row.lease_until),
    )  # fmt: skip


def _text(at: datetime | None) -> str | None:
    """As the ORM writes it: SQLite compares datetimes as text."""
    return None if at is None else at.astimezone(UTC).isoformat(" ")
