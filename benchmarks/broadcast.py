"""A broadcast at the platform's limit, with three ``kill -9`` on its way; the provider counts.

    python -m benchmarks.broadcast                # 2,000 at 1,000/s and 600 at 30/s: half a minute
    python -m benchmarks.broadcast --full         # 10,000 at each: seven minutes

Checked at the provider, by its own clock: in no second (whichever instant it begins at) more than the limit;
nobody hears anything twice; whoever did not hear is `unknown` in the outbox, because a process died between
its intent and the answer.  ``of the limit``: of what the platform would have taken from the first to the last
send of each process.  CPU is that of sending, without the starts.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.contenders import loket_env
from benchmarks.processes import Bot, cpu_seconds, free_port, processor_is_shared
from benchmarks.provider import Provider
from models.contacts import Address, Contact, Conversation
from models.database import close_database, open_database, rows
from models.migrate import migrate
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from models.sealing import held
from models.sealing.keys import Keys

KILLS = 3
FIRST = 700_000_000  # chat ids
PLACE = {"office_id": 5314, "channel": "telegram", "account": "42"}
STILL = 20.0  # seconds without any send after which nothing more is waited for


async def broadcast(messages: int, limit: int, latency: float) -> bool:
    """One broadcast, its line of the table; whether all held."""
    provider = Provider(latency=latency)
    address, port = await provider.open(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite://{folder}/loket.db"
        await queue(url, messages, Path(folder, "keys.json"))
        env = loket_env(Path(folder), port, address, "") | {"LOKET_PACING": "on", "LIMIT": str(limit)}
        bot = Bot([sys.executable, "-m", "benchmarks.bots.fanout"], env, Path(folder, "log"), pin=False)
        cpu, starts = 0.0, [0]
        for at in (*sorted(random.sample(range(messages // 10, messages * 9 // 10), KILLS)), messages):
            await reached(provider, starts[-1] + 1)
            begun = cpu_seconds(bot.pid)
            await reached(provider, at)
            cpu += cpu_seconds(bot.pid) - begun
            if at < messages:
                bot.kill()
                starts.append(len(provider.sends))
                await asyncio.to_thread(bot.start)
        await asyncio.to_thread(bot.stop)
        states = await states_of(url)
    provider.close()
    return report(provider, messages, limit, cpu, starts, states)


async def queue(url: str, messages: int, keys: Path) -> None:
    """People, and a notice to each that waits."""
    await migrate(url)
    await open_database(url)
    await held.take(Keys.open(keys))
    now = datetime.now(UTC)
    numbers = range(1, messages + 1)
    await Contact.bulk_create(
        [Contact(id=n, office_id=5314, created_at=now) for n in numbers], batch_size=500
    )
    await Conversation.bulk_create([Conversation(contact_id=n, **PLACE) for n in numbers], batch_size=500)
    await Address.bulk_create(
        [
            Address(contact_id=n, kind="telegram", value=str(FIRST + n), created_at=now, **PLACE)
            for n in numbers
        ],
        batch_size=500,
    )
    waits = {"kind": OutboxKind.NOTICE, "name": "ready_for_pickup", "due_at": now - timedelta(seconds=1)}
    facts = '{"number": "K7Q2M9FDX", "service": "KTP_HILANG", "name": "Maria A.", "outputs": ["ktp"]}'
    await OutboxMessage.bulk_create(
        [
            OutboxMessage(contact_id=n, key=f"bench:{n}", payload=facts, created_at=now, **waits, **PLACE)
            for n in numbers
        ],
        batch_size=500,
    )
    await close_database()


async def reached(provider: Provider, sends: int, still: float = STILL) -> None:
    """Until the provider has had so many, or nothing has come for ``still`` seconds."""
    last, since = -1, 0.0
    loop = asyncio.get_running_loop()
    while len(provider.sends) < sends:
        if len(provider.sends) != last:
            last, since = len(provider.sends), loop.time()
        elif loop.time() - since > still:
            return
        await asyncio.sleep(0.002)


async def states_of(url: str) -> dict[str, int]:
    await open_database(url)
    found = await rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    await close_database()
    return {str(line["state"]): int(line["n"]) for line in found}


def report(
    provider: Provider, messages: int, limit: int, cpu: float, starts: list[int], states: dict[str, int]
) -> bool:
    times = [at for at, _, _ in provider.sends]
    heard = Counter(person for _, person, _ in provider.sends)
    doubled = sum(count - 1 for count in heard.values())
    unknown = states.get(OutboxState.UNKNOWN.value, 0)
    busiest = most_in_a_second(times)
    lives = [times[begin:end] for begin, end in zip(starts, (*starts[1:], len(times)), strict=True)]
    share = len(times) / (limit * sum(life[-1] - life[0] + 1.0 for life in lives if life))
    accounted = len(heard) <= messages <= len(heard) + unknown
    held = busiest <= limit and not doubled and accounted
    cells = (
        f"{messages:,} at {limit:,}/s",
        f"{share:.1%}",
        busiest,
        doubled,
        f"{len(heard):,} + {unknown} unknown",
        f"{cpu / messages * 1e6:.0f} µs",
        "held" if held else f"BROKEN {states}",
    )
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return held


def most_in_a_second(times: list[float]) -> int:
    """The most sends in any second, whichever instant it begins at."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--full", action="store_true", help="10,000 messages each")
    options.add_argument("--latency", type=float, default=0.02, help="seconds of the provider's answer")
    chosen = options.parse_args()
    print(f"{KILLS} × kill -9 in each; provider answers after {chosen.latency * 1e3:.0f} ms; SQLite\n")
    print("| | of the limit | most in a second | doubled | heard | CPU a message | |")
    print("|" + "---|" * 7)
    held = [
        await broadcast(10_000 if chosen.full else short, limit, chosen.latency)
        for short, limit in ((2_000, 1_000), (600, 30))
    ]
    print(f"\n{processor_is_shared()}")
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
