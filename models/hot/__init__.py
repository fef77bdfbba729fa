"""The hot path's statements: what every message costs, as one read and one share of a commit.

Raw SQL stands here and nowhere else, beside the ORM that everything slower uses.  Many messages share one
transaction; on SQLite it is one visit to the connection's thread, on PostgreSQL one statement.
"""

from models.database import the_client
from models.hot.postgres import PostgresHot
from models.hot.shapes import (
    LAST,
    Ask,
    Begun,
    HotStore,
    Item,
    Place,
    Row,
    Sent,
    Standing,
    State,
    Stored,
    Turn,
    Verdict,
)
from models.hot.sqlite import SqliteHot
from models.sqlite_backend import ImmediateSqliteClient

__all__ = [
    "LAST",
    "Ask",
    "Begun",
    "HotStore",
    "Item",
    "Place",
    "Row",
    "Sent",
    "Standing",
    "State",
    "Stored",
    "Turn",
    "Verdict",
    "open_hot",
]


def open_hot() -> HotStore:
    """The hot path of the database that is open."""
    client = the_client()
    return SqliteHot(client) if isinstance(client, ImmediateSqliteClient) else PostgresHot(client)
