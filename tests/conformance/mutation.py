"""One handled behaviour, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from pydoc import locate
from typing import Any

from tests.conformance.changes import Change


@dataclass(frozen=True, slots=True)
class Mutation:
    """On ``channel``, ``target`` becomes ``change(target)``, and the check called ``noticed_by`` fails."""

    channel: str
    target: str
    change: Change
    noticed_by: str

    @property
    def original(self) -> Any:
        found = locate(self.target)
        if found is None:
            raise LookupError(f"{self.target} is gone: name what does its work now")
        return found
