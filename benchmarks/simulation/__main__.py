"""514 offices and 2,000 messages a second: how many replicas, how many database cores, and where it breaks.

    python -m benchmarks.simulation                                  # costs as last measured
    python -m benchmarks.simulation --bot-us 1000 --database-us 400  # … or as `make bench` says today

``--bot-us`` and ``--database-us`` are the CPU µs a message of "Loket, WhatsApp, PostgreSQL" in the table of
`benchmarks.table`.  Of the bot's, 30 % are taken for the web side, 45 % for handling, 25 % for delivery.
"""

import argparse
import random
import statistics

from benchmarks.load import percentile
from benchmarks.simulation.model import Costs, Outcome, Plant, office_sizes, simulate

ACK, REPLY = 0.100, 2.0  # goals: seconds, p99 and p95
BUSY = 0.75  # of any kind of processor at the peak: what is above it has no room for a bad minute
OFFICES, SPREAD = 514, 1.0
BOT_US, DATABASE_US = 4_813.0, 2_607.0  # benchmarks/README.md, 25 November 2026, a busy machine
HEAD = (
    "| plant | messages/s | web / worker busy | databases busy (most) | ack p99 | reply p95 "
    "| longest wait for a number | holds |"
)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bot-us", type=float, default=BOT_US)
    options.add_argument("--database-us", type=float, default=DATABASE_US)
    options.add_argument("--rate", type=float, default=2_000.0)
    options.add_argument("--receipts", type=int, default=2, help="webhooks that follow a reply")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--seed", type=int, default=514)
    chosen = options.parse_args()
    bot = chosen.bot_us * 1e-6
    costs = Costs(
        web=bot * 0.30,
        worker=bot * 0.45,
        delivery=bot * 0.25,
        database=chosen.database_us * 1e-6,
        receipt=bot * 0.20,
    )
    print(Study(costs, chosen.rate, chosen.receipts, chosen.seconds, chosen.seed).report())


class Study:
    def __init__(self, costs: Costs, rate: float, receipts: int, seconds: float, seed: int) -> None:
        self.costs, self.rate, self.receipts = costs, rate, receipts
        self.seconds, self.seed = seconds, seed
        self.shares = office_sizes(OFFICES, SPREAD, random.Random(seed))

    def report(self) -> str:
        replicas = self.fewest_replicas()
        cores = self.fewest_cores(replicas)
        largest = max(self.shares) * self.rate
        median = statistics.median(self.shares) * self.rate
        lines = [
            f"{OFFICES} offices, lognormal ({SPREAD}): largest {largest:.0f} messages/s, median {median:.1f}",
            f"{self.receipts} receipts a reply; seed {self.seed}; {self.seconds:.0f} s of the peak",
            f"ack p99 ≤ {ACK * 1e3:.0f} ms, reply p95 ≤ {REPLY:.0f} s, nothing busier than {BUSY:.0%}: "
            f"{replicas} replicas of 4 cores and {cores} database cores, and a replica to spare",
            "",
            "Replicas, with a database that is never short",
            *self.table([Plant(replicas=n, database_cores=256) for n in _around(replicas)]),
            "",
            "One primary",
            *self.table([Plant(replicas=replicas + 1, database_cores=n) for n in _around(cores)]),
            "",
            "Citus: shards of 8 cores",
            *self.table(
                [Plant(replicas=replicas + 1, shards=n, database_cores=8) for n in _around(-(-cores // 8))]
            ),
            "",
            "More messages, the same plant",
            *self.table([Plant(replicas=replicas + 1, database_cores=cores)] * 4, (0.5, 1.0, 1.5, 2.0)),
            "",
            "A number's limit, on a plant that is never short",
            *self.table(
                [Plant(replicas=replicas * 4, database_cores=256, limit=n) for n in (20, 40, 80, 1_000)]
            ),
        ]
        return "\n".join(lines)

    def run(self, plant: Plant, factor: float = 1.0) -> Outcome:
        rate = self.rate * factor
        return simulate(
            self.costs, plant, self.shares, rate, seconds=self.seconds, receipts=self.receipts, seed=self.seed
        )

    def fewest_replicas(self) -> int:
        a_message = (
            self.costs.web + self.costs.worker + self.costs.delivery + self.receipts * self.costs.receipt
        )
        replicas = max(1, int(self.rate * a_message / 4))
        while not _holds(self.run(Plant(replicas=replicas, database_cores=256))):
            replicas += max(1, replicas // 20)
        return replicas

    def fewest_cores(self, replicas: int) -> int:
        cores = max(1, int(self.rate * self.costs.database * (1 + 0.2 * self.receipts)))
        while not _holds(self.run(Plant(replicas=replicas + 1, database_cores=cores))):
            cores += 1
        return cores

    def table(self, plants: list[Plant], factors: tuple[float, ...] = ()) -> list[str]:
        lines = [HEAD, "|" + "---|" * 8]
        for at, plant in enumerate(plants):
            factor = factors[at] if factors else 1.0
            lines.append(self._line(plant, factor, self.run(plant, factor)))
        return lines

    def _line(self, plant: Plant, factor: float, out: Outcome) -> str:
        databases = f"{plant.database_cores} cores" if plant.shards == 1 else f"{plant.shards} × 8 cores"
        cells = (
            f"{plant.replicas} replicas, {databases}, {plant.limit:.0f}/s a number",
            f"{self.rate * factor:,.0f}",
            f"{out.web:.0%} / {out.worker:.0%}",
            f"{statistics.mean(out.databases):.0%} ({max(out.databases):.0%})",
            f"{percentile(out.acks, 99) * 1e3:.0f} ms",
            f"{percentile(out.replies, 95) * 1e3:,.0f} ms",
            f"{out.longest_line:.1f} s",
            "yes" if _holds(out) else "no",
        )
        return "| " + " | ".join(cells) + " |"


def _holds(out: Outcome) -> bool:
    busiest = max(out.web, out.worker, *out.databases)
    return busiest <= BUSY and percentile(out.acks, 99) <= ACK and percentile(out.replies, 95) <= REPLY


def _around(number: int) -> list[int]:
    return sorted({max(1, round(number * factor)) for factor in (0.5, 0.9, 1.0, 1.25, 2.0)})


if __name__ == "__main__":
    main()
