"""A soak that fits into `make test`: a few kills amid a crowd.  `make soak` is the long one."""

import os
from pathlib import Path

from tests.faults.ordeal import Plan, undergo

SEED = int(os.environ.get("LOKET_SOAK_SEED", "7"))


async def test_a_crowd_and_a_few_kills(database_url: str, tmp_path: Path, engine: str) -> None:
    plan = Plan(seed=SEED, database=engine, kills=6, messages=120, notices=15, people=12, requests=3)
    result = await undergo(plan, database_url, tmp_path)
    assert result.findings == []
    assert (result.kills, result.messages >= 120, result.notices >= 15) == (6, True, True)
    assert result.unknown_resolved >= 0.95 * result.unknown
