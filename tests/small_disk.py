"""A disk of a few megabytes, where mounting one is allowed."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator["SmallDisk"]:
    """Skips the test where it is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "loket-test", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount(8) here")
    if done.returncode:
        pytest.skip("a disk of its own needs root")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class SmallDisk:
    """``folder`` is its root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filling = folder / "somebody-elses"

    @property
    def left(self) -> int:
        """Bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self, *, but: int = 0) -> None:
        """Somebody else's file takes all, ``but`` so many bytes (and less than a page more)."""
        while True:
            held = self._filling.stat().st_size if self._filling.exists() else 0
            taken = (held + self.left - but) // PAGE * PAGE
            with self._filling.open("ab") as file:
                try:
                    os.posix_fallocate(file.fileno(), 0, taken)
                    return
                except OSError as error:
                    if error.errno != errno.ENOSPC:  # the office wrote meanwhile: less is left by now
                        raise

    def empty(self) -> None:
        """It is gone."""
        self._filling.unlink()
