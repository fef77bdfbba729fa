from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from office.context import AuditMeans, OfficeContext, open_office

KEY = bytes(range(32))


@pytest.fixture
async def here(database: str, tmp_path: Path) -> AsyncIterator[OfficeContext]:
    """An office with a fresh database, once per engine, and a file for its anchors."""
    yield open_office(audit=AuditMeans(lambda: KEY, tmp_path / "audit" / "anchors.log"))
