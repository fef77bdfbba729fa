"""Every setting stands in docs/settings.md, and nothing else does."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from bot.channels.telegram.settings import TelegramSettings
from bot.channels.webchat.settings import WebChatSettings
from bot.channels.whatsapp.settings import WhatsAppSettings
from wiring.settings import HttpSettings, Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
NESTED: dict[str, type[BaseModel]] = {
    "http": HttpSettings,
    "whatsapp": WhatsAppSettings,
    "telegram": TelegramSettings,
    "webchat": WebChatSettings,
}


def variables() -> Iterator[str]:
    for name in Settings.model_fields:
        inner = NESTED.get(name)
        if inner is None:
            yield f"LOKET_{name.upper()}"
        else:
            yield from (f"LOKET_{name.upper()}__{field.upper()}" for field in inner.model_fields)


def test_the_page_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^\| `(LOKET_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(variables())
