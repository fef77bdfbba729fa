"""What waits for people of whom another process has told us, in one read.  On PostgreSQL only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.contacts import opened_address
from models.database import rows
from models.inbox import InboxEvent, InboxKind, InboxState

_WAITING: Final = """
SELECT i.id, i.office_id, i.channel, i.account, i.external_id, i.kind, i.contact_id, i.body, i.sent_at,
       i.received_at, i.tries, i.error, i.done_at, theirs.addresses
FROM inbox i CROSS JOIN LATERAL (
    SELECT array_agg(json_build_object('kind', a.kind, 'value', a.value, 'sealed', a.sealed)::text
                     ORDER BY a.id) AS addresses
    FROM addresses a
    WHERE a.office_id = i.office_id AND a.contact_id = i.contact_id
      AND a.channel = i.channel AND a.account = i.account
) theirs
WHERE i.state = 'new'
  AND (i.contact_id = ANY($1::bigint[]) OR i.contact_id IS NULL AND 0 = ANY($1::bigint[]))
ORDER BY i.id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A stored event, and every address (kind, value) of its person there, the first one first."""

    event: InboxEvent
    addresses: Sequence[tuple[str, str]]


async def waiting(contact_ids: Sequence[int]) -> list[Told]:
    """In order; 0: of nobody in particular."""
    found = []
    for row in map(dict, await rows(_WAITING, [list(contact_ids)])):
        theirs = row.pop("addresses") or ()
        kind = InboxKind(row.pop("kind"))
        row["body"] = InboxEvent.opened("body", row)
        event = InboxEvent.unsaved(json.loads(row["body"]), kind=kind, state=InboxState.NEW, **row)
        place = {name: row[name] for name in ("office_id", "channel", "account")}
        found.append(Told(event, [opened_address({**place, **json.loads(one)}) for one in theirs]))
    return found
