"""The product's fail-points, found where they stand: a new one is killed at without being named here."""

import re
from pathlib import Path

from tests.faults.servers import ROOT

_CALL = re.compile(r"""\bfailpoint\(\s*["']([\w.]+)["']""")
OF_A_RUNNING_OFFICE = ("bot", "console", "handlers", "office", "models", "pages", "scheduler", "wiring")
OF_AN_UPLOAD = ("upload.piece_stored", "upload.piece_kept", "upload.file_stored", "upload.file_kept")
# … tests/uploads/test_killed.py
# not of a serving process, or not by day: tests/migrations/test_crash.py, tests/backup, test_purge_verb.py;
# or where the files are looked at, too: test_orphans.py
ELSEWHERE = frozenset(
    {
        "migrate",
        "backup.copied",
        "restore.papers",
        "restore.rows",
        "file.deleted",
        "media.kept",
        *OF_AN_UPLOAD,
    }
)


def names() -> list[str]:
    """Every place where a serving process may be told to die."""
    found: set[str] = set()
    for room in OF_A_RUNNING_OFFICE:
        for file in sorted((ROOT / room).rglob("*.py")):
            found |= set(_CALL.findall(Path(file).read_text(encoding="utf-8")))
    return sorted(found - ELSEWHERE)
