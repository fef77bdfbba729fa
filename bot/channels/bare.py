"""What a channel answers that has texts and nothing else; one with more overrides what it has."""

from collections.abc import Sequence

from bot.channels.base import Accept, Body, Finding, MediaGone, MediaRef, News, ProviderReceipt


class Bare:
    """No files, quotes, receipts or news, nothing to run besides and nobody to ask in `doctor`."""

    def media(self, body: Body) -> Sequence[MediaRef]:
        return []

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        raise MediaGone("gone")

    def replied_to(self, body: Body) -> str | None:
        return None

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        return []

    def news(self, body: Body) -> News | None:
        return None

    async def run(self, accept: Accept) -> None:
        return None

    async def check(self) -> Sequence[Finding]:
        return []
