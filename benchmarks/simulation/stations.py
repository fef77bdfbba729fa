"""The three kinds of waiting in the model.  Each is asked in order of time, and says when it is done."""

import heapq


class Processors:
    """``count`` of them, one line, first come first served."""

    def __init__(self, count: int) -> None:
        self._free = [0.0] * count
        self.busy = 0.0

    def serve(self, now: float, seconds: float) -> float:
        done = max(now, self._free[0]) + seconds
        heapq.heapreplace(self._free, done)
        self.busy += seconds
        return done

    def utilisation(self, seconds: float) -> float:
        return self.busy / (seconds * len(self._free))


class Log:
    """A write-ahead log: one flush at a time, and each takes all that wait (group commit)."""

    def __init__(self, flush: float) -> None:
        self._flush = flush
        self._done = 0.0  # of the last flush that was asked for
        self._begins = -1.0

    def commit(self, now: float) -> float:
        if now > self._begins:  # the flush last asked for has begun without us
            self._begins = max(now, self._done)
            self._done = self._begins + self._flush
        return self._done


class Line:
    """A number's limit at its platform: so many a second, evenly."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self.longest = 0.0

    def turn(self, now: float) -> float:
        at = max(now, self._next)
        self._next = at + self._gap
        self.longest = max(self.longest, at - now)
        return at
