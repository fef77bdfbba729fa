"""The peers' environments: from PyPI, pinned, one each, made under ``.cache/bench`` when first needed."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".cache" / "bench"

PINS: Final = {
    "aiogram": ("aiogram==3.31.0", "aiohttp==3.14.5", "tortoise-orm[asyncpg]==1.1.9"),
    "opsdroid": ("opsdroid[connector_facebook]==0.31.0", "setuptools<81"),
    "engines": ("dbos==3.4.0", "procrastinate==3.10.0", "huey==3.5.4"),
}


def python_of(name: str) -> str:
    """The interpreter of a peer's environment; ours where it has none of its own."""
    if name not in PINS:
        return sys.executable
    pins = "\n".join(PINS[name])
    folder = CACHE / f"{name}-{hashlib.sha256(pins.encode()).hexdigest()[:8]}"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        print(f"making the environment of {name} …", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq", *PINS[name]]
        subprocess.run(pip, check=True)
        ready.write_text(pins)
    return str(python)
