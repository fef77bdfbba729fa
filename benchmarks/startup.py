"""From the command to ready, and what it stands at: ``run.py serve`` and ``run.py host``.

    python -m benchmarks.startup [--rounds 5]

``ready``: ``/readyz`` says 200.  ``CPU``: until then.  ``idle``: resident memory two seconds later.  Beside
them plain aiogram, and plain aiogram with its models put off by `bot.lazy_models`.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contenders import CONTENDERS, loket_env
from benchmarks.processes import Bot, cpu_seconds, free_port, megabytes, processor_is_shared

LAZY = """from bot.lazy_models import import_aiogram, warm
import_aiogram(); warm()
from benchmarks.bots.plain_aiogram import main
main()"""
COMMANDS = {
    "run.py serve": [sys.executable, "run.py", "serve"],
    "run.py host": CONTENDERS["Loket, WhatsApp, SQLite"].command(),
    "plain aiogram": CONTENDERS["plain aiogram"].command(),
    "plain aiogram, models put off": [sys.executable, "-c", LAZY],
}


def measure(command: list[str]) -> tuple[float, float, float]:
    """Seconds to ready, CPU seconds, MB."""
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = CONTENDERS["plain aiogram"].env(folder, port, "http://127.0.0.1:9", "")
        bot = Bot(command, env | loket_env(folder, port, "http://127.0.0.1:9", ""), folder / "log")
        try:
            seconds = bot.ready(f"http://127.0.0.1:{port}/readyz")
            cpu = cpu_seconds(bot.pid)
            time.sleep(2)
            return seconds, cpu, megabytes(bot.pid)
        finally:
            bot.stop()


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            found[name].append(measure(command))
    print("| | ready s | CPU s | idle MB |\n|---|---|---|---|")
    for name, runs in found.items():
        ready, cpu, idle = (statistics.median(run[at] for run in runs) for at in range(3))
        print(f"| {name} | {ready:.2f} | {cpu:.2f} | {idle:.0f} |")
    print(f"\nmedians of {rounds}; {processor_is_shared()}")


if __name__ == "__main__":
    main()
