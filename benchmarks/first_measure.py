"""``make bench``: Loket, durable on SQLite, beside plain aiogram that keeps everything in memory; and between
them the WhatsApp channel alone, in memory as well.

Rounds are interleaved, each in a new order; ratios are taken within a round.  CPU time is the bot's own,
from ``/proc``: the figure that holds on a noisy machine.  A lost, doubled or refused message fails the run.
"""

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from benchmarks.load import APP_SECRET, NUMBER, TELEGRAM_SECRET, Load, Result

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "42:bench"
BASE = "plain aiogram"
ALONE = "WhatsApp alone"
BOTS = {BASE: "telegram", ALONE: "whatsapp", "Loket, Telegram": "telegram", "Loket, WhatsApp": "whatsapp"}
MODULES = {BASE: "benchmarks.bots.plain_aiogram", ALONE: "benchmarks.bots.whatsapp_in_memory"}
PEOPLE = 32  # talking at a time


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--messages", type=int, default=1500)
    chosen = options.parse_args()
    measured: dict[str, list[tuple[Result, float]]] = {name: [] for name in BOTS}
    for _ in range(chosen.rounds):
        for name in random.sample(list(BOTS), len(BOTS)):
            measured[name].append(asyncio.run(measure(name, chosen.messages)))
    report(measured)
    return int(any(result.bad for rounds in measured.values() for result, _ in rounds))


async def measure(name: str, messages: int) -> tuple[Result, float]:
    """One bot, one round: what it did, and its CPU seconds."""
    load, port = Load(BOTS[name]), _free_port()
    provider = await load.open()
    with tempfile.TemporaryDirectory() as folder:
        bot = subprocess.Popen(
            _command(name), cwd=ROOT, env=_environment(folder, port, provider), stdout=subprocess.DEVNULL
        )
        try:
            await _listens(port)
            url = f"http://127.0.0.1:{port}/webhooks/{BOTS[name]}"
            await load.run(url, 150, PEOPLE)  # warm
            before = _cpu_seconds(bot.pid)
            result = await load.run(url, messages, PEOPLE)
            return result, _cpu_seconds(bot.pid) - before
        finally:
            bot.terminate()
            bot.wait(30)
            await load.close()


def report(measured: dict[str, list[tuple[Result, float]]]) -> None:
    head = ("", "replies/s", "ack p50", "ack p99", "reply p99", "CPU µs/msg", "of plain aiogram", "bad")
    print("{:<18}{:>10}{:>10}{:>10}{:>11}{:>12}{:>18}{:>5}".format(*head))
    for name, rounds in measured.items():
        ratios = [
            _per_message(*mine) / _per_message(*base)
            for mine, base in zip(rounds, measured[BASE], strict=True)
        ]
        print(
            f"{name:<18}"
            f"{statistics.median(r.messages / r.seconds for r, _ in rounds):>10.0f}"
            f"{_milliseconds(rounds, 'acks', 50):>10}{_milliseconds(rounds, 'acks', 99):>10}"
            f"{_milliseconds(rounds, 'replies', 99):>11}"
            f"{statistics.median(_per_message(*one) for one in rounds):>12.0f}"
            f"{f'{statistics.median(ratios):.2f} ×':>18}"
            f"{sum(r.bad for r, _ in rounds):>5}"
        )


def _per_message(result: Result, cpu: float) -> float:
    return cpu / result.messages * 1e6


def _milliseconds(rounds: list[tuple[Result, float]], what: str, percent: int) -> str:
    values = [statistics.quantiles(getattr(result, what), n=100)[percent - 1] for result, _ in rounds]
    return f"{statistics.median(values) * 1e3:.1f} ms"


def _command(name: str) -> list[str]:
    if name in MODULES:
        return [sys.executable, "-m", MODULES[name]]
    return [sys.executable, "run.py", "host", "benchmarks.bots.talk:router"]


def _environment(folder: str, port: int, provider: str) -> dict[str, str]:
    plain = {"PORT": str(port), "PROVIDER": provider, "TOKEN": TOKEN, "SECRET": TELEGRAM_SECRET}
    loket = {
        "DATA_DIR": folder,
        "HTTP__PORT": str(port),
        "LOG_LEVEL": "ERROR",
        "PACING": "off",  # plain aiogram does not pace either
        "TELEGRAM__TOKEN": TOKEN,
        "TELEGRAM__SECRET_TOKEN": TELEGRAM_SECRET,
        "TELEGRAM__API_BASE": provider,
        "WHATSAPP__PHONE_NUMBER_ID": NUMBER,
        "WHATSAPP__WABA_ID": "1",
        "WHATSAPP__ACCESS_TOKEN": "bench",
        "WHATSAPP__APP_SECRET": APP_SECRET,
        "WHATSAPP__VERIFY_TOKEN": "verify",
        "WHATSAPP__API_BASE": provider,
    }
    return os.environ | plain | {f"LOKET_{key}": value for key, value in loket.items()}


async def _listens(port: int) -> None:
    """Until the bot takes connections; half a minute at most."""
    for _ in range(300):
        try:
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/healthz"):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the bot did not start")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    began = time.perf_counter()
    code = main()
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    sys.exit(code)
