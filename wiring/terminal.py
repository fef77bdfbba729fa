"""What every verb of ``run.py`` has in common: its words, its exit code and what it reads first."""

import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from wiring.settings import Settings, read_settings, unknown_names

DONE, CHECK_FAILED, WRONG_USAGE, NOT_STARTED = 0, 1, 2, 3


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def run_verb(work: Coroutine[Any, Any, int]) -> int:
    """Run ``work`` to its exit code; what keeps it from starting is one sentence."""
    import uvloop

    return exit_code(lambda: uvloop.run(work))


def exit_code(work: Callable[[], int]) -> int:
    from models.backup.problems import BackupRefused, DatabaseInUse
    from models.database import AWAY
    from models.migrations.problems import SchemaProblem
    from office.catalogue import CatalogueBroken
    from wiring.lock import AlreadyServed
    from wiring.not_started import CouldNotStart

    try:
        return work()
    except AlreadyServed as taken:
        complain(f"Another process already serves {taken}; stop it first.")
    except (CouldNotStart, SchemaProblem, CatalogueBroken, DatabaseInUse) as error:
        complain(str(error))
    except BackupRefused as refused:
        complain(f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
        return CHECK_FAILED
    except AWAY as error:
        complain(
            f"The database or the storage cannot be reached ({type(error).__name__}): look at "
            "LOKET_DATABASE_URL, LOKET_STORAGE_URL and LOKET_DATA_DIR."
        )
    return NOT_STARTED


def light() -> None:
    """Before all else that imports aiogram: its models are built when they are used."""
    from bot.lazy_models import import_aiogram

    import_aiogram()


def light_until_served() -> None:
    """The same, and the collector rests until `wiring.serve` has started."""
    gc.disable()
    light()


def prepared() -> Settings:
    import structlog

    from wiring.logs import set_up_logs

    settings = read_settings()
    set_up_logs(settings.log_level)
    if unknown := unknown_names():
        structlog.get_logger(__name__).warning("settings.without_effect", names=unknown)
    return settings


def say_finding(finding: Any) -> None:
    say(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}  {finding.detail}".rstrip())
