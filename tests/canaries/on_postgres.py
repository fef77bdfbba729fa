"""What the test server has written down in the whole run: every row that ever was, in its log.

The log (WAL) keeps what was written also where the row, its table or its database is gone.  A piece of it is
written anew once it is archived, so the server is told to archive, which here means to look: `grep` goes over
each piece of 16 MB, and what has a canary in it is kept.  The rest is there when the server has stopped.

Nothing is packed on that server, and what PostgreSQL packs elsewhere would hide: see `UNPACKED`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.canaries.places import left_in
from tests.canaries.words import EVERYWHERE

KEPT: Final = "canaries.in."  # and behind it the name of the piece
_WORDS: Final = "canaries.words"
_ARCHIVE: Final = (  # begins in the server's folder; grep answers 1 where it found nothing
    f"LC_ALL=C grep -aqFf ../{_WORDS} %p; case $? in 0) cp %p {KEPT}%f;; 1) ;; *) exit 1;; esac"
)
SETTINGS: Final = ("archive_mode = on", f"archive_command = '{_ARCHIVE}'", "wal_compression = off")
UNPACKED: Final = (
    "UPDATE pg_attribute SET attstorage = 'e' WHERE attstorage IN ('x', 'm') AND attrelid >= 16384"
)


def hand_words_to(folder: Path) -> None:
    """To a server that will have its data in a folder of this one.

    Without UTF-16, of which it takes four times as long to look for: PostgreSQL's text holds no NUL.
    """
    words = {word for word in EVERYWHERE if b"\0" not in word}
    (folder / _WORDS).write_bytes(b"\n".join(sorted(words)))
    (folder / _WORDS).chmod(0o644)  # the server is another user than we


def left_on(folder: Path) -> list[str]:
    """Where one stands in what a server has left that has stopped."""
    return left_in("", folder)
