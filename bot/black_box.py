"""What was in hand when the process died: kept in mapped memory, which outlives a `kill -9`.

An event that is handled before it is stored leaves no row behind when it kills us.  Its mark stays here, and
when its provider brings it again it is stored first, where tries are counted.
"""

import hashlib
import mmap
import os
from pathlib import Path
from typing import Final

SLOTS: Final = 256  # events in hand at a time; further ones are stored first
_SIZE: Final = 16  # bytes of a mark
_EMPTY: Final = bytes(_SIZE)


class BlackBox:
    """``path``: a file of this process alone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, SLOTS * _SIZE)
            self._memory = mmap.mmap(handle, SLOTS * _SIZE)
        finally:
            os.close(handle)
        marks = (self._memory[n : n + _SIZE] for n in range(0, SLOTS * _SIZE, _SIZE))
        self._suspects = {mark for mark in marks if mark != _EMPTY}
        self._memory[:] = bytes(SLOTS * _SIZE)
        self._free = list(range(SLOTS))

    def take_up(self, channel: str, account: str, external_id: str) -> int | None:
        """A slot for an event that is in hand from now on; None: store it first."""
        mark = hashlib.blake2b(f"{channel}\n{account}\n{external_id}".encode(), digest_size=_SIZE).digest()
        if mark in self._suspects or not self._free:
            return None
        slot = self._free.pop()
        self._memory[slot * _SIZE : (slot + 1) * _SIZE] = mark
        return slot

    def put_down(self, slot: int) -> None:
        """The event is handled, or was not ours to handle."""
        self._memory[slot * _SIZE : (slot + 1) * _SIZE] = _EMPTY
        self._free.append(slot)

    def close(self) -> None:
        self._memory.close()
