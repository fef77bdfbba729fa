"""The database, brought up to date and opened, with the keys under which its rows and papers lie sealed."""

from pathlib import Path

from models.database import close_database, open_database, sqlite_path
from models.keys import FieldKey
from models.migrate import check, migrate
from models.sealing import held
from models.sealing.keys import KeyMissing, Keys, KeysUnusable, SealBroken
from wiring.settings import Settings, SettingWrong


async def prepare_database(settings: Settings) -> None:
    """SQLite migrates itself; on PostgreSQL an older schema is refused (``run.py migrate`` comes first).

    Raises: SettingWrong, where the file of keys is not to be used; SchemaProblem.
    """
    if sqlite_path(settings.database_url) is not None:
        await migrate(settings.database_url)
    else:
        await check(settings.database_url)
    await open_database(settings.database_url)
    try:
        await take_keys(settings)
    except BaseException:
        await close_database()
        raise


async def take_keys(settings: Settings) -> None:
    """Those of an open database; made with the first start.  Raises: SettingWrong."""
    file, is_sealed = Path(settings.keys_file), await FieldKey.all().exists()
    try:
        await held.take(_read(file) if is_sealed else Keys.open(file))
    except KeysUnusable as error:
        raise SettingWrong(f"LOKET_KEYS_FILE: {error}.") from error
    except (KeyMissing, SealBroken) as error:
        raise SettingWrong(f"LOKET_KEYS_FILE: {file} is not what this database is sealed under.") from error


def _read(file: Path) -> Keys:
    if not file.exists():
        raise KeysUnusable(f"{file} is not there, and this database is sealed under it")
    return Keys.read(file)
