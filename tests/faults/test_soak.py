"""A soak that fits into `make test`: a dozen kills amid a crowd.  `make soak` is the long one."""

import os
from pathlib import Path

from tests.faults.ordeal import Plan, undergo

SEED = int(os.environ.get("LOKET_SOAK_SEED", "7"))


async def test_a_crowd_and_a_dozen_kills(database_url: str, tmp_path: Path, engine: str) -> None:
    plan = Plan(seed=SEED, database=engine, kills=12, messages=250, notices=30, people=12, requests=6)
    result = await undergo(plan, database_url, tmp_path)
    assert result.findings == []
    assert (result.kills, result.messages >= 250, result.notices >= 30) == (12, True, True)
    assert result.unknown_resolved >= 0.95 * result.unknown
