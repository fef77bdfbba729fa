"""``run.py keys rotate``."""

from pathlib import Path

from models.database import close_database
from models.sealing import held, rotation
from wiring.database import prepare_database
from wiring.settings import Settings


async def rotate(settings: Settings) -> str:
    """What to print.  Raises: SettingWrong, KeyMissing, SealBroken."""
    await prepare_database(settings)
    try:
        keys = held.keys()
        left = await rotation.wrapped_by_others(keys)
        if not left:
            keys.rotate(Path(settings.keys_file))
        done = await rotation.wrap_anew(keys)
    finally:
        await close_database()
    how = "an earlier rotation was ended" if left else "a new key"
    return f"{keys.current}: {how}, {done} data keys wrapped with it; keep a copy of {settings.keys_file}"
