"""The hot path on PostgreSQL: one query for conversations asked for together, one statement for a batch."""

from collections.abc import Sequence
from typing import Any, Final, cast

from tortoise.backends.base.client import BaseDBAsyncClient

from models.contacts import Contact, sealed_address
from models.hot.sealing import body, name, opened_state, payload, sealed_state
from models.hot.shapes import Ask, Begun, Item, Place, Sent, Standing, State, Stored, Turn, Verdict
from models.hot.together import Together
from models.sealing.held import ring

_STANDING: Final = """
SELECT ask.place, c.id, c.office_id, c.name, c.language, c.created_at, c.merged_into,
       t.id AS talk_id, COALESCE(t.turn, 0) AS turn, COALESCE(t.choices, '[0, []]') AS choices,
       t.reverify_since IS NOT NULL AS in_doubt,
       EXISTS (SELECT 1 FROM inbox i WHERE i.office_id = ask.office_id AND i.contact_id = c.id
               AND i.state = 'new' AND i.id < ask.before) AS unhandled,
       (SELECT count(*) FROM outbox o WHERE o.office_id = ask.office_id AND o.contact_id = c.id
        AND o.channel = ask.channel AND o.state IN ('queued', 'claimed', 'sending')) AS unsent,
       f.key, f.state, f.data
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::int[])
     AS ask(place, id, channel, account, key, before, office_id)
JOIN contacts c ON c.office_id = ask.office_id AND c.id = ask.id
LEFT JOIN conversations t ON t.office_id = ask.office_id AND t.contact_id = c.id AND t.channel = ask.channel
                         AND t.account = ask.account
LEFT JOIN fsm f ON f.office_id = ask.office_id AND f.key = ask.key
"""
_OWNERS: Final = """
SELECT ask.place, a.contact_id
FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[])
     WITH ORDINALITY AS ask(place, office_id, channel, account, kind, value, number)
JOIN addresses a USING (office_id, channel, account, kind, value)
ORDER BY ask.number
"""
_STATE: Final = "SELECT state, data FROM fsm WHERE key = $1 AND office_id = $2"

_MARKS: Final = """marked AS (
    UPDATE outbox o SET state = 'sent', external_id = m.external_id, sent_as = m.sent_as, sent_at = m.sent_at,
                        failure = NULL, lease_until = NULL
    FROM unnest(${}::bigint[], ${}::text[], ${}::text[], ${}::text[], ${}::timestamptz[], ${}::int[])
         AS m(id, token, external_id, sent_as, sent_at, office_id)
    WHERE o.office_id = m.office_id AND o.id = m.id AND o.token = m.token AND o.state = 'sending'
    RETURNING o.id
), begun AS (
    UPDATE outbox o SET state = 'sending', lease_until = b.lease_until
    FROM unnest(${}::bigint[], ${}::text[], ${}::timestamptz[], ${}::int[])
         AS b(id, token, lease_until, office_id)
    WHERE o.office_id = b.office_id AND o.id = b.id AND o.token = b.token AND o.state = 'claimed'
    RETURNING o.id
)
SELECT true, id FROM kept UNION ALL SELECT false, id FROM marked UNION ALL SELECT false, id FROM begun
"""
_WRITE: Final = """
WITH item AS (
    SELECT *
    FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[],
                $13::timestamptz[], $14::text[], $15::text[], $16::bigint[], $17::bool[], $18::bool[])
    AS i(id, office_id, contact_id, channel, account, external_id, kind, body, sent_at, received_at, state,
         error, open_until, choices, name, turn, stored, newcomer)
), turn_of AS (
    SELECT office_id, contact_id, turn, choices FROM item WHERE state <> 'new'
), met AS (
    INSERT INTO addresses (office_id, contact_id, channel, account, kind, value, sealed, created_at)
    SELECT i.office_id, i.contact_id, i.channel, i.account, a.kind, a.value, a.sealed, i.received_at
    FROM unnest($19::bigint[], $20::text[], $21::text[], $22::text[]) AS a(id, kind, value, sealed)
    JOIN item i ON i.id = a.id
    ON CONFLICT (channel, account, kind, value) DO NOTHING
    RETURNING contact_id
), newcomers AS (
    INSERT INTO contacts (id, office_id, name, language, created_at)
    SELECT contact_id, office_id, name, 'id', received_at FROM item
    WHERE newcomer AND contact_id IN (SELECT contact_id FROM met)
), talked AS (
    INSERT INTO conversations AS t
        (office_id, contact_id, channel, account, last_heard_at, window_expires_at, choices, turn)
    SELECT office_id, contact_id, channel, account, received_at, open_until, COALESCE(choices, '[0, []]'), 1
    FROM item
    WHERE state <> 'new' AND (NOT newcomer OR stored OR contact_id IN (SELECT contact_id FROM met))
    ON CONFLICT (contact_id, channel, account) DO UPDATE
    SET last_heard_at = excluded.last_heard_at, unreachable_at = NULL, refused_at = NULL, turn = t.turn + 1,
        choices = COALESCE((SELECT i.choices FROM turn_of i
                            WHERE i.office_id = t.office_id AND i.contact_id = t.contact_id), t.choices),
        window_expires_at = CASE
            WHEN t.window_expires_at > excluded.window_expires_at OR excluded.window_expires_at IS NULL
            THEN t.window_expires_at ELSE excluded.window_expires_at END
    WHERE t.turn = (SELECT i.turn FROM turn_of i
                    WHERE i.office_id = t.office_id AND i.contact_id = t.contact_id)
    RETURNING contact_id
), heard AS (
    INSERT INTO inbox (id, office_id, channel, account, external_id, kind, contact_id, body, sent_at,
                       received_at, state, tries, error, done_at)
    SELECT id, office_id, channel, account, external_id, kind, contact_id, body, sent_at, received_at, state,
           0, error, CASE WHEN state = 'new' THEN NULL ELSE received_at END
    FROM item
    WHERE NOT stored AND (contact_id IN (SELECT contact_id FROM talked)
                          OR state = 'new' AND (NOT newcomer OR contact_id IN (SELECT contact_id FROM met)))
    ON CONFLICT (channel, account, external_id) DO NOTHING
    RETURNING id
), ended AS (
    UPDATE inbox SET state = item.state, done_at = item.received_at, error = item.error
    FROM item
    WHERE item.stored AND inbox.office_id = item.office_id AND inbox.id = item.id AND inbox.state = 'new'
      AND item.contact_id IN (SELECT contact_id FROM talked)
    RETURNING inbox.id
), kept AS (
    SELECT id FROM heard UNION ALL SELECT id FROM ended
), moved AS (
    INSERT INTO fsm (key, office_id, state, data)
    SELECT f.key, i.office_id, f.state, f.data
    FROM unnest($23::bigint[], $24::text[], $25::text[], $26::text[]) AS f(id, key, state, data)
    JOIN kept USING (id) JOIN item i USING (id)
    WHERE f.data IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET state = excluded.state, data = excluded.data
), gone AS (
    DELETE FROM fsm USING unnest($23::bigint[], $24::text[], $26::text[]) AS f(id, key, data), kept, item i
    WHERE f.id = kept.id AND f.data IS NULL AND i.id = f.id
      AND fsm.office_id = i.office_id AND fsm.key = f.key
), said AS (
    INSERT INTO outbox (id, office_id, contact_id, channel, account, kind, key, name, payload, state, due_at,
                        attempts, receipt, created_at, degree, token, lease_until, shown)
    SELECT s.id, i.office_id, s.contact_id, s.channel, s.account, 'reply', s.key, s.name, s.payload,
           s.state, s.created_at, 0, 0, s.created_at, s.degree, s.token, s.lease_until, 0
    FROM unnest($27::bigint[], $28::bigint[], $29::text[], $30::text[], $31::text[], $32::text[],
                $33::timestamptz[], $34::text[], $35::text[], $36::timestamptz[], $37::bigint[], $38::text[],
                $39::text[])
         AS s(inbox_id, id, key, name, payload, degree, created_at, state, token, lease_until, contact_id,
              channel, account)
    JOIN kept ON kept.id = s.inbox_id JOIN item i ON i.id = s.inbox_id
    ON CONFLICT (key) DO NOTHING
), """ + _MARKS.format(*range(40, 50))  # noqa: S608 - all of it ours
_WRITE_NO_STEP: Final = """
WITH kept AS (
    INSERT INTO inbox (id, office_id, channel, account, external_id, kind, contact_id, body, sent_at,
                       received_at, state, tries)
    SELECT id, office_id, channel, account, external_id, kind, contact_id, body, sent_at, received_at,
           'new', 0
    FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::timestamptz[], $10::timestamptz[])
         AS i(id, office_id, contact_id, channel, account, external_id, kind, body, sent_at, received_at)
    ON CONFLICT (channel, account, external_id) DO NOTHING
    RETURNING id
), """ + _MARKS.format(*range(11, 21))  # noqa: S608 - all of it ours
_SEEN: Final = """
SELECT ask.id
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[])
     AS ask(id, channel, account, external_id, office_id)
JOIN inbox i USING (office_id, channel, account, external_id)
WHERE ask.id <> i.id OR i.state <> 'new'
"""  # one that is stored, and still waits, was not seen: its conversation was moved meanwhile
_Addresses = tuple[Place, Sequence[tuple[str, str]]]  # with (kind, value)


class PostgresHot:
    """Whoever asks within one turn of the event loop shares one query."""

    def __init__(self, client: BaseDBAsyncClient) -> None:
        self._client: Any = client
        self._standings: Together[Ask, Standing] = Together(self._look)
        self._owners: Together[_Addresses, list[int]] = Together(self._look_up)

    def close(self) -> None:
        """The connections are the client's."""

    async def standing(self, ask: Ask) -> Standing | None:
        return await self._standings.ask(ask)

    async def _look(self, asks: Sequence[Ask]) -> dict[int, Standing]:
        lines = [(n, ask, key) for n, ask in enumerate(asks) for key in ask.keys or (None,)]
        rows = await self._fetch(
            _STANDING,
            [n for n, _, _ in lines],
            [ask.contact_id for _, ask, _ in lines],
            [ask.channel for _, ask, _ in lines],
            [ask.account for _, ask, _ in lines],
            [key for _, _, key in lines],
            [ask.before for _, ask, _ in lines],
            [ask.office_id for _, ask, _ in lines],
        )
        found: dict[int, Standing] = {}
        for row in rows:
            if row[0] not in found:
                contact = Contact._init_from_db(
                    id=row[1],
                    office_id=row[2],
                    name=row[3],
                    language=row[4],
                    created_at=row[5],
                    merged_into=row[6],
                )
                found[row[0]] = Standing(contact, row[7], row[8], row[9], row[10], row[11], row[12], {})
            if row[13] is not None:
                found[row[0]].states[row[13]] = opened_state(row[13], row[2], (row[14], row[15]))
        return found

    async def owners(self, place: Place, addresses: Sequence[tuple[str, str]]) -> list[int]:
        return await self._owners.ask((place, addresses)) or []

    async def _look_up(self, asks: Sequence[_Addresses]) -> dict[int, list[int]]:
        lines = [
            (n, *place, kind, ring().index(kind, value))
            for n, (place, addresses) in enumerate(asks)
            for kind, value in addresses
        ]
        found: dict[int, list[int]] = {}
        for number, contact_id in await self._fetch(_OWNERS, *map(list, zip(*lines, strict=True))):
            found.setdefault(number, []).append(contact_id)
        return found

    async def state(self, key: str, office_id: int) -> State | None:
        rows = await self._fetch(_STATE, key, office_id)
        return opened_state(key, office_id, (rows[0][0], rows[0][1])) if rows else None

    async def write(self, items: Sequence[Item]) -> list[Verdict]:
        turns = [turn for item in items if (turn := _turn(item)) is not None]
        written = await (
            self._fetch(_WRITE, *_columns(items))
            if any(map(_is_step, items))
            else self._fetch(_WRITE_NO_STEP, *_columns_without_steps(items))
        )
        done = {(row[0], row[1]) for row in written}
        missing = [turn for turn in turns if (True, turn.id) not in done]
        seen = set(await self._seen(missing)) if missing else set()
        return [_verdict(item, done, seen) for item in items]

    async def _seen(self, turns: Sequence[Turn]) -> list[int]:
        names = ("id", "channel", "account", "external_id", "office_id")
        places = [[getattr(turn, name) for turn in turns] for name in names]
        return [row[0] for row in await self._fetch(_SEEN, *places)]

    async def _fetch(self, query: str, *values: Any) -> list[Any]:
        async with self._client.acquire_connection() as connection:
            return list(await connection.fetch(query, *values))


def _turn(item: Item) -> Turn | None:
    if isinstance(item, Stored):
        return item.turn
    return item if isinstance(item, Turn) else None


def _verdict(item: Item, done: set[tuple[bool, int]], seen: set[int]) -> Verdict:
    turn = _turn(item)
    ident = turn.id if turn is not None else cast(Begun | Sent, item).id
    if (turn is not None, ident) in done:
        return Verdict.KEPT
    return Verdict.SEEN if turn is not None and ident in seen else Verdict.OVERTAKEN


def _is_step(item: Item) -> bool:
    """Whether it takes more than a row in the inbox or a mark in the outbox."""
    return isinstance(item, Turn) or (
        isinstance(item, Stored) and bool(item.turn.newcomer or item.turn.stored)
    )


def _columns_without_steps(items: Sequence[Item]) -> list[list[Any]]:
    """The arrays of `_WRITE_NO_STEP`, in its order."""
    heard, sent, begun = _Columns(10), _Columns(6), _Columns(4)
    for item in items:
        match item:
            case Sent() | Begun():
                _add_mark(item, sent, begun)
            case Stored(turn=turn):
                heard.add(
                    turn.id, turn.office_id, turn.contact_id, turn.channel, turn.account, turn.external_id,
                    turn.kind, body(turn), turn.sent_at, turn.received_at,
                )  # fmt: skip
    return [column for columns in (heard, sent, begun) for column in columns.columns]


def _columns(items: Sequence[Item]) -> list[list[Any]]:
    """The arrays of `_WRITE`, in its order."""
    heard, met, moved, said = _Columns(18), _Columns(4), _Columns(4), _Columns(13)
    sent, begun = _Columns(6), _Columns(4)
    for item in items:
        match item:
            case Sent() | Begun():
                _add_mark(item, sent, begun)
            case Stored():
                _add_heard(item.turn, "new", heard, met)
            case Turn():
                _add_heard(item, item.state, heard, met)
                for key, now in item.changed.items():
                    moved.add(
                        item.id, key, *(sealed_state(key, item.office_id, now) if now else (None, None))
                    )
                for row in item.said:
                    said.add(
                        item.id, row.id, row.key, row.name, payload(row), row.degree, row.created_at,
                        row.state, row.token, row.lease_until, row.contact_id, row.channel, row.account,
                    )  # fmt: skip
    return [column for columns in (heard, met, moved, said, sent, begun) for column in columns.columns]


def _add_mark(item: Sent | Begun, sent: "_Columns", begun: "_Columns") -> None:
    if isinstance(item, Sent):
        sent.add(item.id, item.token, item.external_id, item.sent_as, item.at, item.office_id)
    else:
        begun.add(item.id, item.token, item.lease_until, item.office_id)


def _add_heard(turn: Turn, state: str, heard: "_Columns", met: "_Columns") -> None:
    heard.add(
        turn.id, turn.office_id, turn.contact_id, turn.channel, turn.account, turn.external_id, turn.kind,
        body(turn), turn.sent_at, turn.received_at, state, turn.error, turn.open_until, turn.choices,
        name(turn), turn.turn, turn.stored, bool(turn.newcomer),
    )  # fmt: skip
    if not turn.stored:
        place = (turn.office_id, turn.channel, turn.account)
        for kind, value in turn.newcomer:
            met.add(turn.id, kind, *sealed_address(*place, kind, value))


class _Columns:
    """Rows on their way into a statement that takes them by the column."""

    def __init__(self, count: int) -> None:
        self.columns: list[list[Any]] = [[] for _ in range(count)]

    def add(self, *row: Any) -> None:
        for column, value in zip(self.columns, row, strict=True):
            column.append(value)
