"""What the phones have in common whose platform posts to the app's door, and posts again what was refused."""

from __future__ import annotations

from abc import ABC, abstractmethod

from tests.fakes.door import knock
from tests.phone import Phone


class PostedPhone(Phone, ABC):
    """A phone whose provider posts to the app's door, and posts again what was not taken."""

    door_url: str

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.posted: list[bytes] = []  # every body of this phone, as posted
        self.not_taken: list[bytes] = []  # those the app did not answer with 200, oldest first

    @abstractmethod
    def _headers(self, body: bytes) -> dict[str, str]:
        """The platform's signature of a body."""

    async def _post(self, body: bytes) -> int:
        self.posted.append(body)
        status = await knock(self.door_url, body, self._headers(body))
        if status != 200:
            self.not_taken.append(body)
        return status

    async def repeats(self, times: int = 1) -> list[int]:
        """The provider delivers the last body again, as providers do; no new turn begins."""
        body = self.posted[-1]
        return [await self._post(body) for _ in range(times)]

    async def redelivers(self) -> list[int]:
        """The provider tries again what was not answered with 200."""
        waiting, self.not_taken = self.not_taken, []
        return [await self._post(body) for body in waiting]
