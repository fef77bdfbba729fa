"""Logs hold ids and codes: a name, number, text or token never comes out, whoever logs it."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from wiring.logs import set_up_logs

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "console", "handlers", "models", "office", "pages", "scheduler", "wiring")
CANARIES = (
    "5314015506900001",
    "5314 0155 0690 0001",
    "5314.0155.0690.0001",
    "081234567890",
    "+62 812-3456-7890",
    "6281234567890",
    "EAAGcanary0123456789abcdefghij",
    "7042000:AAcanary_0123456789abcdefghij-x",
    "https://api.telegram.org/file/bot7042:AAcanary/photos/1.jpg",
)
IN_A_TEXT = "Key (nik)=(5314015506900001) of Maria Canary already exists"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process with our logs has written; the test run's own loggers come back afterwards."""
    root, out = logging.getLogger(), io.StringIO()
    handlers, level, configured = root.handlers, root.level, structlog.get_config()
    levels = {name: logging.getLogger(name).level for name in ("tortoise", "asyncio", "aiogram")}
    monkeypatch.setattr("sys.stderr", out)
    set_up_logs("INFO")
    yield out
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.configure(**configured)


def lines(logs: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logs.getvalue().splitlines()]


@pytest.mark.parametrize("canary", CANARIES)
def test_a_number_or_token_is_struck_out_wherever_it_stands(logs: io.StringIO, canary: str) -> None:
    ours, theirs = structlog.get_logger("bot.test"), logging.getLogger("some.library")
    ours.warning("step.failed", inbox=12, code=canary, many=[canary], inside={"a": canary})
    ours.warning(f"failed for {canary}")
    theirs.warning("sent %s to %s", canary, {"to": canary})
    theirs.warning("extra", extra={"to": canary})
    written = logs.getvalue()
    secret = canary.rpartition("bot")[2].split("/")[0] if canary.startswith("https") else canary
    assert secret not in written
    assert len(lines(logs)) == 4
    assert lines(logs)[0]["inbox"] == 12  # ids stay


def test_an_exception_leaves_its_class_and_place_and_no_word_of_its_text(logs: io.StringIO) -> None:
    for log in (structlog.get_logger("bot.test"), logging.getLogger("some.library")):
        try:
            raise ValueError(IN_A_TEXT)
        except ValueError:
            log.exception("it broke")
    first, second = lines(logs)
    assert first["error"] == second["error"] == "ValueError"
    assert "test_logs.py:" in first["at"]
    assert "Canary" not in logs.getvalue()
    assert "5314" not in logs.getvalue()


def test_libraries_that_quote_rows_are_quiet(logs: io.StringIO) -> None:
    for name in ("tortoise.db_client", "asyncio", "aiosqlite", "aiogram.event", "aiohttp.access"):
        logging.getLogger(name).info("INSERT INTO requests VALUES ('Maria Canary')")
    assert logs.getvalue() == ""


def test_a_line_is_one_line_of_json(logs: io.StringIO) -> None:
    structlog.get_logger("bot.test").warning("a\nb", code='x\r\n{"level": "forged"}')
    [line] = lines(logs)
    assert line["event"] == "a\nb"
    assert line["level"] == "warning"
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_every_event_of_ours_can_be_logged(logs: io.StringIO) -> None:
    """``event`` is structlog's own word: passing it as a fact raises, in the very place that must not."""
    wrong = []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            logger = node.func.value
            if isinstance(logger, ast.Name) and logger.id == "log":
                wrong += [f"{path}:{node.lineno}" for word in node.keywords if word.arg == "event"]
    assert wrong == []
