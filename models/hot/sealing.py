"""The sealed columns of the hot path, as the models have them."""

from models.hot.shapes import Row, State, Turn
from models.outbox import sealed_payload
from models.sealing.held import ring


def body(turn: Turn) -> str:
    """Of `InboxEvent`."""
    place = (turn.office_id, turn.channel, turn.account, turn.external_id)
    return ring().seal(turn.body, "inbox", "body", *place)


def name(turn: Turn) -> str:
    """Of `Contact`, whom the turn makes."""
    if not turn.name:
        return ""
    return ring().seal(turn.name, "contacts", "name", turn.office_id, turn.received_at)


def payload(row: Row) -> str:
    """Of `OutboxMessage`."""
    return sealed_payload(row.office_id, row.key, row.name, row.created_at, row.payload)


def sealed_state(key: str, office_id: int, state: State) -> State:
    """Of `FsmRecord`."""
    return state[0], ring().seal(state[1], "fsm", "data", office_id, key)


def opened_state(key: str, office_id: int, held: State) -> State:
    return held[0], ring().open(held[1], "fsm", "data", office_id, key)
