"""Dying at a named place, for the tests that kill us at every instruction."""

import os
import signal
from collections import Counter
from functools import cache

_hits: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die by SIGKILL at the n-th visit of ``name`` in this process, when ``FAILPOINT=name:n`` says so.

    Heeded only under ``LOKET_ENV=test``, as the environment is at the first visit of any.  Several points
    may be given, separated by commas.
    """
    if not (armed := _armed()):
        return
    _hits[name] += 1
    if f"{name}:{_hits[name]}" in armed:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _armed() -> frozenset[str]:
    told = os.environ.get("FAILPOINT") if os.environ.get("LOKET_ENV") == "test" else None
    return frozenset(told.split(",")) if told else frozenset()
