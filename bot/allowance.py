"""How much one of many may do in a minute."""

from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 20_000  # keys; the longest silent one is forgotten first
_ROUNDING = 1e-9  # who waited as long as they were told need not wait another 10⁻¹⁶ seconds


class Allowance:
    """A bucket per key that holds a minute's worth and fills evenly.  Kept in memory: a restart forgives.

    Why our own: thirty lines, no clock but the one handed in, and nothing to install.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._full = float(per_minute)
        self._per_second = per_minute / 60
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when

    def take(self, key: str) -> float:
        """0 if one more is allowed (and counted), else the seconds until it will be."""
        left = self._left(key)
        if left > 1 - _ROUNDING:
            self._put(key, max(0.0, left - 1))
            return 0.0
        self._put(key, left)
        return (1 - left) / self._per_second

    def knows(self, key: str) -> bool:
        return key in self._buckets

    def recall(self, key: str, taken: int) -> None:
        """So many were taken before we counted."""
        self._put(key, max(0.0, self._left(key) - taken))

    def forgive(self, key: str) -> None:
        """Nothing was taken."""
        self._put(key, self._full)

    def _left(self, key: str) -> float:
        now = self._monotonic()
        left, when = self._buckets.get(key, (self._full, now))
        return min(self._full, left + (now - when) * self._per_second)

    def _put(self, key: str, left: float) -> None:
        self._buckets[key] = (left, self._monotonic())
        self._buckets.move_to_end(key)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
