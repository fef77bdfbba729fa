"""Dying at a named place, for the tests that kill us at every instruction."""

import os
import signal
from collections import Counter

_hits: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die by SIGKILL at the n-th visit of ``name`` in this process, when ``FAILPOINT=name:n`` says so.

    Heeded only under ``LOKET_ENV=test``; costs one look into the environment when unset.
    Several points may be given, separated by commas.
    """
    armed = os.environ.get("FAILPOINT")
    if not armed or os.environ.get("LOKET_ENV") != "test":
        return
    _hits[name] += 1
    if f"{name}:{_hits[name]}" in armed.split(","):
        os.kill(os.getpid(), signal.SIGKILL)
