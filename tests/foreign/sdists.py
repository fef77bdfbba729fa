"""The source archives whose examples the tests run: fetched once through pip, checked, kept in ``.cache``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "sdists"

AIOGRAM = ("aiogram", "3.31.0", "f2c5064fe52d88898c86af62261c405440a014216e45dd99b2c6555a5602ce30")
DIALOG = ("aiogram_dialog", "2.6.0", "766ad1ca994b9c33a54a9a5367bf6165041236b8dfec2aac5d334e55d64805f0")


class NotTheArchive(Exception):
    """What came is not what these tests were written against."""


def examples() -> Path:
    """aiogram's own ``examples``."""
    return _folder(*AIOGRAM, wanted="examples")


def dialogs() -> Path:
    """The ``docs`` of aiogram_dialog, whose pages include runnable files."""
    return _folder(*DIALOG, wanted="docs")


def _folder(package: str, version: str, sha256: str, *, wanted: str) -> Path:
    """The folder ``wanted`` of the archive.  Several processes may ask at once."""
    place = CACHE / f"{package}-{version}-{wanted}"
    if not place.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            archive = _download(package, version, sha256, Path(folder))
            unpacked = _unpack(archive, f"{package}-{version}/{wanted}/", Path(folder))
            try:
                unpacked.rename(place)
            except OSError:  # another process was quicker
                shutil.rmtree(unpacked)
    return place


def _download(package: str, version: str, sha256: str, folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command = [*pip, "--no-binary", package, "--dest", str(folder), f"{package}=={version}"]
    subprocess.run(command, check=True)
    archive = folder / f"{package}-{version}.tar.gz"
    if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
        raise NotTheArchive(archive.name)
    return archive


def _unpack(archive: Path, prefix: str, folder: Path) -> Path:
    with tarfile.open(archive) as held:
        members = [member for member in held.getmembers() if member.name.startswith(prefix)]
        held.extractall(folder / "unpacked", members=members, filter="data")
    return folder / "unpacked" / prefix
