"""Opens changed pictures and PDFs as the reader's child does, each in a fork of its own: ``COUNT SEED``.

Prints how many ended their fork by a signal, as one that swells does; anything that the child does not expect
is a traceback, and exit code 1.
"""

from __future__ import annotations

import os
import random
import sys
import traceback
from contextlib import suppress

from bot.files import mime_of
from bot.reading import child, opening
from bot.reading.words import FORMATS, OPENING
from tests.fakes import pictures
from tests.fuzz.mutations import bytes_changed
from tests.reading import bad_pdfs, bad_pictures

KINDS = (
    pictures.jpeg(1, width=320, height=200),
    pictures.png(1, width=320, height=200),
    bad_pictures.HEIC,
    pictures.pdf(1, pages=2),
    bad_pdfs.packs_the_script(),
)


def opened(content: bytes, mime: str) -> int:
    """How the fork ended: minus the signal, or its exit code."""
    if (pid := os.fork()) == 0:
        code = 1
        try:
            child.limit(OPENING)
            with suppress(opening.Unreadable, MemoryError):
                opening.pages_of(content, mime)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(count: int, seed: int) -> None:
    opening.warm()
    chance, ended = random.Random(seed), 0
    for number in range(count):
        content = bytes_changed(chance, KINDS[number % len(KINDS)])
        if (mime := mime_of(content)) not in FORMATS:
            continue
        if (code := opened(content, mime)) > 0:
            sys.exit(f"case {number} of seed {seed}")
        ended += code < 0
    print(ended)  # noqa: T201


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
