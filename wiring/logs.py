"""Logs: one JSON line an event, with ids and codes, never a name, number, text or token.

The redactor stands in both chains, ours and that of libraries, after exceptions are formatted: what slips
into a message or a traceback is struck out there.
"""

import logging
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

log = structlog.get_logger(__name__)

STRUCK = "[struck]"
_PERSONAL = re.compile(
    r"\bbot\d+:[\w-]+"  # a Telegram token inside a URL
    r"|\b\d{6,}:[\w-]{20,}"  # and alone
    r"|\bEA[A-Za-z0-9]{20,}"  # Meta's access tokens
    r"|\+?\b\d[\d .-]{8,}\d\b"  # NIK, KK and telephone numbers
)


def strike_out(_: Any, __: str, event: EventDict) -> EventDict:
    """Strike out what looks like a personal number or a token, in every value."""
    for key, value in event.items():
        if key in {"timestamp", "level", "logger"} or isinstance(value, int | float | bool):
            continue
        event[key] = _PERSONAL.sub(STRUCK, str(value))
    return event


def class_only(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception's class and place, never its text: a database quotes whole rows in its complaints."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else (info or (None, None, None))[1]
    if error is not None:
        event["error"] = type(error).__name__
        trace = error.__traceback__
        places = []
        while trace is not None:
            places.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["at"] = " > ".join(places[-8:])
    return event


def kind_only(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    """A library's warning, which would go to standard error and may quote what somebody sent."""
    log.warning("library.warns", kind=category.__name__, at=f"{Path(filename).name}:{lineno}")


def set_up_logs(level: str) -> None:
    """Once, before anything logs."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        class_only,
        strike_out,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                strike_out,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    warnings.showwarning = kind_only
    for loud, quieter in _LOUD.items():
        logging.getLogger(loud).setLevel(quieter)


_LOUD = {
    # a library's logger -> the least it may say: below, it quotes rows, updates or URLs
    "aiogram": logging.CRITICAL,
    "aiohttp.access": logging.CRITICAL,
    "aiosqlite": logging.WARNING,
    "apscheduler": logging.CRITICAL,  # the tick speaks for itself
    "asyncio": logging.WARNING,
    "tortoise": logging.WARNING,
}
