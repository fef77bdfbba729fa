"""Nothing but the wiring names a channel: not in code, not in comments, not in words for the reader.

So a channel is added, or taken away, without touching what the office does or how the core works.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHANNELS = sorted(
    path.name for path in (ROOT / "bot" / "channels").iterdir() if (path / "adapter.py").exists()
)
NAMELESS = ("bot", "console", "handlers", "office", "scheduler", "pages")
NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(CHANNELS)}|messenger|facebook)(?![a-z])", re.IGNORECASE)


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def mentions(text: str) -> list[str]:
    """The lines that name a channel.  ``TelegramMethod`` and its like are aiogram's words."""
    return [line.strip() for line in text.splitlines() if NAME.search(line)]


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (module.name for module in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("room", NAMELESS)
def test_a_room_names_no_channel(room: str) -> None:
    inside = ROOT / "bot" / "channels"
    named = {
        str(path.relative_to(ROOT)): found
        for path in modules(room)
        if inside not in path.parents and (found := mentions(path.read_text(encoding="utf-8")))
    }
    assert named == {}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channels_folder_is_imported_by_the_wiring_only(channel: str) -> None:
    package, home = f"bot.channels.{channel}", ROOT / "bot" / "channels" / channel
    strangers = {
        str(path.relative_to(ROOT))
        for path in modules("bot", "console", "handlers", "office", "scheduler", "pages", "models")
        if home not in path.parents
        for name in imports(path.read_text(encoding="utf-8"))
        if name == package or name.startswith(f"{package}.")
    }
    assert strangers == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_stands_in_the_contract_of_imports(channel: str) -> None:
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"bot.channels.{channel}"' in contracts


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_has_its_subject_in_the_conformance_suite(channel: str) -> None:
    assert (ROOT / "tests" / "channels" / channel / "subject.py").exists()


@pytest.mark.parametrize(
    "line", ["# as WhatsApp does", "on_telegram = 1", 'if channel == "sms":', "MESSENGER"]
)
def test_a_planted_name_is_found(line: str) -> None:
    assert mentions(line) == [line]


@pytest.mark.parametrize(
    "line", ["class X(TelegramMethod[Any]):", "from aiogram.exceptions import TelegramBadRequest"]
)
def test_aiograms_own_words_are_fine(line: str) -> None:
    assert mentions(line) == []
