"""Waking those who wait for news of one key, inside this process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class TooManyListeners(Exception):
    """As many wait for this key as may; another would be one too many."""


class Rung:
    """One listener.  A ring while nobody waits is not lost: the next `wait` returns at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.over = False  # the bell has been closed: no ring will follow

    def _ring(self) -> None:
        self._event.set()

    def _close(self) -> None:
        self.over = True
        self._event.set()

    async def wait(self, patience: float) -> bool:
        """True if the bell rang within ``patience`` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Bell:
    """Rings say "look again", never what is new: a lost one costs time, not a message.

    It knows only this process.  ``on_ring`` is told of news, and may pass it on to `ring` in another one;
    without that, it is heard there at the listener's next look.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most  # listeners per key
        self._listeners: dict[str, set[Rung]] = {}
        self._closed = False
        self.on_ring: Callable[[str], None] = lambda _: None

    def news(self, key: str) -> None:
        """Ring here and, where somebody passes it on, at other processes."""
        self.ring(key)
        self.on_ring(key)

    def ring(self, key: str) -> None:
        for listener in self._listeners.get(key, ()):
            listener._ring()

    def close(self) -> None:
        """Send every listener home, now and from now on."""
        self._closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener._close()

    @contextmanager
    def listen(self, key: str) -> Iterator[Rung]:
        """Raises: TooManyListeners."""
        listeners = self._listeners.setdefault(key, set())
        if len(listeners) >= self._most:
            raise TooManyListeners(key)
        mine = Rung()
        listeners.add(mine)
        if self._closed:
            mine._close()
        try:
            yield mine
        finally:
            listeners.discard(mine)
            if not listeners:
                self._listeners.pop(key, None)
