"""How the office says no.

A `Refusal` is something a person can act on; anything else that is raised is a bug or an outage.
Each lives beside the function that raises it, and its sentence lives in ``locales/`` under its `code`.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A "no" with a name and the facts its sentence needs.

    ``code`` is the class's own name.  ``facts`` are for the sentence shown to the person who asked; they may
    be personal, so printing a refusal (as a log does) gives the code alone.
    """

    code: ClassVar[str] = "Refusal"

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = cls.__name__

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"{self.code}({', '.join(self.facts)})"
