"""Every command of staff stands in docs/commands.md."""

from pathlib import Path

from handlers.operator.commands import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_lists_every_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"`/{command}" not in page] == []
