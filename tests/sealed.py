"""The keys of tests that open a database themselves; a served office makes its own, in its folder."""

from models.sealing.keys import Keys
from models.sealing.ring import Ring

KEYS = Keys("k1", {"k1": bytes(range(32))}, bytes(range(32, 64)))
RING = Ring({1: bytes(range(64, 96))}, KEYS.derived("index"))
