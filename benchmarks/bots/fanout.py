"""Loket with another limit for its Telegram account, as a platform may grant it: ``LIMIT`` a second."""

import os
import sys
from dataclasses import replace

from bot.lazy_models import import_aiogram

import_aiogram()

from bot.channels.telegram.adapter import TelegramAdapter  # noqa: E402 - behind `import_aiogram`
from wiring.cli import main  # noqa: E402

if __name__ == "__main__":
    TelegramAdapter.caps = replace(TelegramAdapter.caps, per_second=float(os.environ["LIMIT"]))
    sys.exit(main(["host", "benchmarks.bots.talk:router"]))
