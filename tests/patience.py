"""How long a test waits for what should come.  A busy machine is not a wrong answer."""

from typing import Final

PATIENCE: Final = 60.0  # seconds of real time, after which it counts as hung
