"""Backups, and the copies that come back from them."""

from datetime import datetime
from pathlib import Path

from wiring.terminal import CHECK_FAILED, DONE, WRONG_USAGE, complain, light, prepared, run_verb, say


def backup(folder: Path) -> int:
    """Copy rows and papers into a new folder, also while serving."""
    from bot.backup.taking import FolderInTheWay
    from wiring.backup import take_backup, taken_lines

    settings = prepared()

    async def work() -> int:
        try:
            manifest = await take_backup(settings, folder)
        except FolderInTheWay as wrong:
            complain(f"{wrong}.")
            return WRONG_USAGE
        for line in taken_lines(manifest, folder):
            say(line)
        return CHECK_FAILED if manifest.lacking else DONE

    return run_verb(work())


def restore(folder: Path) -> int:
    """Bring a backup back, into an empty database and storage; nothing is sent until ``release``."""
    light()
    from wiring.restore import bring_back, restored_lines

    settings = prepared()

    async def work() -> int:
        for line in restored_lines(*await bring_back(settings, folder)):
            say(line)
        return DONE

    return run_verb(work())


def freeze(moment: datetime) -> int:
    """Silence a database that came back by WAL or a snapshot; MOMENT (ISO, with a zone) is what it is of."""
    light()
    from wiring.restore import freeze_it

    settings = prepared()
    if moment.tzinfo is None:
        complain("MOMENT lacks a zone, such as +08:00.")
        return WRONG_USAGE

    async def work() -> int:
        await freeze_it(settings, moment)
        say("Nothing is sent until: run.py serve, a look at everything, run.py release")
        return DONE

    return run_verb(work())


def release(*, also_doubtful: bool = False) -> int:
    """Let a restored copy send.

    What waited when the backup was taken stays marked: the original may have sent it since.
    ``--also-doubtful`` is for who knows that it has not.
    """
    light()
    from bot.freeze import NotFrozen, NotSettled
    from wiring.restore import release as let_go

    settings = prepared()

    async def work() -> int:
        try:
            for line in await let_go(settings, also_doubtful=also_doubtful):
                say(line)
        except NotFrozen:
            complain("There is nothing to release: this is no restored copy, or it was released before.")
            return CHECK_FAILED
        except NotSettled:
            complain(
                "Start the copy once with run.py serve: what the original had not finished is handled then."
            )
            return CHECK_FAILED
        return DONE

    return run_verb(work())
