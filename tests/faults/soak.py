"""``python -m tests.faults.soak``: ordeals, one after the other, until enough was killed, said and told.

Each ordeal has a database of its own and the next seed.  What came of it is a line of ``--results``, so that
a soak which was stopped goes on; ``--fresh`` begins anew.  The figures go into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.migrate import migrate
from tests import postgres as server
from tests.faults.ordeal import Plan, undergo
from tests.faults.servers import ROOT
from tests.faults.soak_report import write

RESULTS = ROOT / ".soak" / "results.jsonl"
KILLS = 20  # of one ordeal
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """Over all databases together."""

    kills: int
    messages: int
    notices: int

    def share(self, ordeals: int) -> tuple[int, int]:
        """Messages and notices of one ordeal, so that all of them together are enough."""
        return -(-self.messages // ordeals), -(-self.notices // ordeals)

    @property
    def ordeals(self) -> int:
        return -(-self.kills // KILLS)


def plans(goal: Goal, seed: int, databases: list[str]) -> Iterator[Plan]:
    messages, notices = goal.share(goal.ordeals)
    for n in range(goal.ordeals):
        yield Plan(
            seed=seed + n,
            database=databases[n % len(databases)],
            kills=min(KILLS, goal.kills - n * KILLS),
            messages=messages,
            notices=notices,
        )


async def one(plan: Plan, postgres: server.Postgres | None) -> Line:
    with tempfile.TemporaryDirectory(prefix="loket-soak-") as folder:
        if postgres is None:
            url = f"sqlite://{folder}/loket.db"
            await migrate(url)
            return (await undergo(plan, url, Path(folder))).as_json()
        url = await postgres.create()
        try:
            return (await undergo(plan, url, Path(folder))).as_json()
        finally:
            await postgres.drop(url)


def soak(goal: Goal, seed: int, databases: list[str], results: Path, until: float) -> bool:
    """False when an invariant was broken, or time ran out."""
    done = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    behind = {(line["plan"]["seed"], line["plan"]["database"]) for line in done}
    postgres = server.Postgres() if "postgres" in databases else None
    for plan in plans(goal, seed, databases):
        if (plan.seed, plan.database) in behind:
            continue
        if time.monotonic() > until:
            say("Time is up; the same command goes on from here.")
            return False
        line = asyncio.run(one(plan, postgres if plan.database == "postgres" else None))
        done.append(line | {"commit": commit()})
        with results.open("a") as file:
            file.write(json.dumps(done[-1]) + "\n")
        say(f"{plan.database} {plan.seed}: " + json.dumps({k: v for k, v in line.items() if k != "plan"}))
    write(done)
    return not any(line["findings"] for line in done)


def commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, check=False)
    return told.stdout.decode().strip()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=500)
    asked.add_argument("--messages", type=int, default=30_000, help="acknowledged messages of people")
    asked.add_argument("--notices", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    asked.add_argument("--minutes", type=float, default=120.0, help="begin no further ordeal after these")
    asked.add_argument("--results", type=Path, default=RESULTS)
    asked.add_argument("--fresh", action="store_true", help="forget earlier results")
    given = asked.parse_args()
    os.environ["LOKET_ENV"] = "test"
    given.results.parent.mkdir(parents=True, exist_ok=True)
    if given.fresh:
        given.results.unlink(missing_ok=True)
    databases = ["sqlite", "postgres"] if given.database == "both" else [given.database]
    goal = Goal(given.kills, given.messages, given.notices)
    server.begin_run()
    try:
        until = time.monotonic() + given.minutes * 60
        return 0 if soak(goal, given.seed, databases, given.results, until) else 1
    finally:
        server.end_run()


if __name__ == "__main__":
    raise SystemExit(main())
