"""Processes of their own, forked from one that has imported everything already.

To import Loket takes seconds, and most of what they do a tenth of one.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from typing import Any

from tests.patience import PATIENCE

IMPORTED = (
    "tests.lightly",  # before all others
    "wiring.cli",
    "wiring.serve",
    "wiring.registry",
    "wiring.doctor",
    "wiring.desk",
    "wiring.backup",
    "wiring.restore",
    "tests.wiring.verbs",
    "tests.faults.poisoned_inbox",
    "tests.faults.orphans",
    "tests.office.hand_over",
)

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(list(IMPORTED))


async def forked(target: Callable[..., Any], *args: Any) -> int:
    """How it ended: minus the signal, or the exit code."""
    process = _forking.Process(target=target, args=args)
    process.start()
    await asyncio.to_thread(process.join, PATIENCE)
    code = process.exitcode
    process.kill()
    assert code is not None, f"{args} did not end"
    return code
