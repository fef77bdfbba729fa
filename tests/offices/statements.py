"""What the database is asked through the ORM and `models.database.rows`, as Tortoise logs it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

TABLES = (
    "contacts|addresses|conversations|inbox|outbox|fsm|files|requests|request_outputs|papers|journal|notes"
    "|questions|staff|staff_bindings|binding_codes|form_tokens|uploads|calls|alerts|link_codes|counters"
    "|message_templates|early_receipts|quarantine|audit|audit_heads|paper_keys"
    "|purges|data_requests|consents|export_tokens|breaches|broadcasts"
    "|console_links|console_accounts|recovery_codes|console_sessions|signin_tries"
)
_TOUCHES = re.compile(rf'\b(?:FROM|UPDATE|INTO)\s+"?({TABLES})"?(?!\w)', re.IGNORECASE)


class Statements(logging.Handler):
    """``told``: each statement in its order, its spaces folded."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        query = record.args[0] if isinstance(record.args, tuple) and record.args else record.msg
        self.told.append(" ".join(str(query).split()))


@contextmanager
def watched() -> Iterator[list[str]]:
    """The statements that are made inside."""
    log, handler = logging.getLogger("tortoise.db_client"), Statements()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield handler.told
    finally:
        log.setLevel(level)
        log.removeHandler(handler)


def touches_rows_of_offices(statement: str) -> bool:
    return _TOUCHES.search(statement) is not None


def names_no_office(statement: str) -> bool:
    """Whether it reads or changes rows of offices without saying whose."""
    if not touches_rows_of_offices(statement):
        return False
    if statement.upper().startswith("INSERT"):
        return "office_id" not in statement.partition(")")[0]
    return re.search(r"\boffice_id\W", statement.partition(" WHERE ")[2]) is None
