"""Opens files as the readers' children do, each in a fork of its own; as lean as it, so that forks are cheap.

Reads ``mime size``, a line, then so many bytes; answers with a line: how the fork ended (0, or minus the
signal, as one that swells does) and the most memory it held, in kB.  Anything that the child does not expect
is a traceback, and 1.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress

from bot.reading import child, opening, tables
from bot.reading.words import TableRefused

TABLE = "table"  # instead of a mime


def opened(content: bytes, mime: str) -> tuple[int, int]:
    if (pid := os.fork()) == 0:
        code = 1
        try:
            child.limit(tables.LIMITS if mime == TABLE else opening.LIMITS)
            with suppress(opening.Unreadable, TableRefused, MemoryError):
                tables.table_of(content) if mime == TABLE else opening.pages_of(content, mime)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status, used = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_maxrss


def main() -> None:
    opening.warm()
    tables.warm()
    while head := sys.stdin.buffer.readline():
        mime, size = head.decode().split()
        code, held = opened(sys.stdin.buffer.read(int(size)), mime)
        print(code, held, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
