"""The front door of ``run.py``: every verb under its name.

Exit codes: 0 done, 1 a check failed, 2 wrong usage or setting, 3 could not start.
"""

import gc
import sys

import cyclopts

from wiring.settings import SettingWrong
from wiring.terminal import DONE, WRONG_USAGE, complain
from wiring.verbs.breaches import breach
from wiring.verbs.copies import backup, freeze, release, restore
from wiring.verbs.desk import operator
from wiring.verbs.keeping import audit, keys, purge
from wiring.verbs.lookups import catalog, nik, phone
from wiring.verbs.serving import doctor, host, migrate, serve
from wiring.verbs.templates import templates
from wiring.verbs.villages import village

app = cyclopts.App(name="run.py", help="Loket: a civil-registry counter inside chat apps.", version="0.1.0")
for verb in (serve, host, migrate, doctor, backup, restore, freeze, release, purge, nik, phone):
    app.command(verb)
for group in (operator, village, audit, catalog, templates, keys, breach):
    app.command(group)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; its exit code."""
    try:
        result = app(
            arguments if arguments is not None else sys.argv[1:],
            exit_on_error=False,
            result_action="return_value",
        )
    except SettingWrong as wrong:
        complain(str(wrong))
        return WRONG_USAGE
    except cyclopts.CycloptsError:
        return WRONG_USAGE
    finally:
        gc.enable()
    return result if isinstance(result, int) else DONE
