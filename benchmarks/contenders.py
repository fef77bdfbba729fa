"""Who is measured: how each is started, on which channel, and what it reads from its environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.conversation import APP_SECRET, NUMBER, TELEGRAM_SECRET
from benchmarks.environments import python_of

TOKEN: Final = "42:bench"
BASE: Final = "plain aiogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """``database``: sqlite, postgres or none.  ``keeps``: what survives a kill.  ``messages``: of a round."""

    module: str
    channel: str = "telegram"
    environment: str = ""
    database: str = ""
    keeps: str = "nothing"
    messages: int = 1500
    loket: bool = False
    path: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        if self.loket:
            return [sys.executable, "run.py", "host", self.module]
        return [python_of(self.environment), "-m", self.module]

    def webhook(self, port: int) -> str:
        return f"http://127.0.0.1:{port}{self.path or f'/webhooks/{self.channel}'}"

    def env(self, folder: Path, port: int, provider: str, database_url: str) -> dict[str, str]:
        mine = {
            "PORT": str(port),
            "PROVIDER": provider,
            "TOKEN": TOKEN,
            "SECRET": TELEGRAM_SECRET,
            "APP_SECRET": APP_SECRET,
            "NUMBER": NUMBER,
            "DATABASE_URL": database_url or f"sqlite://{folder}/peer.db",
        }
        return mine | loket_env(folder, port, provider, database_url) | dict(self.more)


def loket_env(folder: Path, port: int, provider: str, database_url: str) -> dict[str, str]:
    settings = {
        "DATA_DIR": str(folder),
        "HTTP__PORT": str(port),
        "LOG_LEVEL": "ERROR",
        "PACING": "off",  # the peers do not pace either; limits are measured by benchmarks.broadcast
        "LIMITS__MESSAGES_PER_MINUTE": "1000000",
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
    if database_url:
        settings["DATABASE_URL"] = database_url
    return {f"LOKET_{name}": value for name, value in settings.items()}


def _loket(channel: str, database: str) -> Contender:
    talk = "benchmarks.bots.talk:router"
    return Contender(module=talk, channel=channel, database=database, keeps="everything", loket=True)


CONTENDERS: Final[Mapping[str, Contender]] = {
    "bare aiohttp": Contender(module="benchmarks.bots.bare_aiohttp", environment="aiogram"),
    "bare aiohttp, WhatsApp": Contender(
        module="benchmarks.bots.bare_aiohttp", environment="aiogram", channel="whatsapp"
    ),
    BASE: Contender(module="benchmarks.bots.plain_aiogram", environment="aiogram"),
    "opsdroid": Contender(
        module="benchmarks.bots.opsdroid_bot",
        environment="opsdroid",
        channel="messenger",
        path="/connector/facebook",
    ),
    "aiogram, rows in SQLite": Contender(
        module="benchmarks.bots.aiogram_rows", environment="aiogram", database="sqlite", keeps="everything",
        messages=900,
    ),
    "aiogram, rows in PostgreSQL": Contender(
        module="benchmarks.bots.aiogram_rows", environment="aiogram", database="postgres", keeps="everything",
        messages=900,
    ),
    "WhatsApp alone": Contender(module="benchmarks.bots.whatsapp_in_memory", channel="whatsapp"),
    "Loket, Telegram, SQLite": _loket("telegram", "sqlite"),
    "Loket, WhatsApp, SQLite": _loket("whatsapp", "sqlite"),
    "Loket, Telegram, PostgreSQL": _loket("telegram", "postgres"),
    "Loket, WhatsApp, PostgreSQL": _loket("whatsapp", "postgres"),
}  # fmt: skip
