"""What every phone in the tests can do, on whatever channel: speak, tap, and show what it was told.

A channel's phone inherits `Phone`, hands each message that reaches it to `_show`, and implements what can be
done on its channel: by SMS nobody sends a photo, and a test that asks for one is told NotImplementedError.
Nothing here polls or sleeps: `hears` wakes when `_show` is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tests.fakes.bodies import shuffled, with_duplicates
from tests.fakes.ledger import Button, Sent
from tests.patience import PATIENCE


class NoSuchButton(AssertionError):
    """The person was asked to tap what the screen does not show."""


class Phone:
    """One person on one channel.

    What the person does returns the HTTP status of the app's door (0: nobody answered), and starts a new
    turn: `heard` holds what has been said to the person since.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages: list[Sent] = []
        self._turn = 0  # index into `messages` where the present turn began
        self._changed = asyncio.Event()

    # ------------------------------------------------------------------ what the person does

    async def says(self, text: str) -> int:
        raise NotImplementedError

    async def sends_photo(self, data: bytes, caption: str | None = None, mime: str = "image/jpeg") -> int:
        raise NotImplementedError

    async def sends_document(
        self, data: bytes, name: str, mime: str = "application/pdf", caption: str | None = None
    ) -> int:
        raise NotImplementedError

    async def sends_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        *,
        shuffle: int | None = None,
        twice: Sequence[int] = (),
    ) -> list[int]:
        """Several photos chosen together; the provider may deliver them in another order (``shuffle``: a
        seed) and those at the positions ``twice`` a second time.  One status for each delivery."""
        raise NotImplementedError

    async def sends_sticker(self) -> int:
        raise NotImplementedError

    async def sends_voice(self) -> int:
        raise NotImplementedError

    async def sends_unknown(self) -> int:
        """Something this channel's platform knows and no bot can read."""
        raise NotImplementedError

    async def taps(self, title: str, *, older: bool = False) -> int:
        """Taps a button, a row, or a key of the last keyboard on the screen; ``older``: of any keyboard.

        A row is also known by its description, and a shortened title (``…``) by the words it stands for.
        Raises `NoSuchButton`.
        """
        for message in reversed(self.messages):
            buttons = self._buttons_of(message)
            for button in buttons:
                if _is_called(button, title):
                    return await self._tap(button, message)
            if buttons and not older:
                break
        raise NoSuchButton(f"{self.name} looks for '{title}', the screen shows {self._shown_titles()}")

    def link(self, title: str = "") -> str:
        """The address behind a link button (the last one, or that of ``title``).  Raises `NoSuchButton`."""
        for message in reversed(self.messages):
            for button in self._buttons_of(message):
                if button.url and (not title or _is_called(button, title)):
                    return button.url
        raise NoSuchButton(f"{self.name} was shown no link '{title}'")

    # ------------------------------------------------------------------ what the person sees

    @property
    def heard(self) -> list[str]:
        """The texts since the person last did something, oldest first (captions too)."""
        return [message.text for message in self.messages[self._turn :] if message.text]

    @property
    def everything(self) -> list[str]:
        """Every text this phone was ever shown."""
        return [message.text for message in self.messages if message.text]

    @property
    def last(self) -> str:
        """The last text, or an empty string."""
        return self.everything[-1] if self.everything else ""

    @property
    def last_message(self) -> Sent:
        return self.messages[-1]

    @property
    def buttons(self) -> list[str]:
        """The titles that can be tapped under the last message."""
        return [button.title for button in self._buttons_of(self.messages[-1])] if self.messages else []

    @property
    def received(self) -> list[Sent]:
        """The photos and files that have come, oldest first; ``received[-1].media`` are its bytes."""
        return [message for message in self.messages if message.media is not None]

    async def hears(self, expected_count: int = 1, *, containing: str = "", within: float = PATIENCE) -> str:
        """Waits until so many texts (that contain these words) have come in this turn.

        Returns them, one below the other.  Raises AssertionError after ``within`` seconds.
        """

        def what_counts() -> list[str]:
            return [text for text in self.heard if containing in text]

        await self._until(
            lambda: len(what_counts()) >= expected_count, within, f"{expected_count} × '{containing}'"
        )
        return "\n".join(what_counts())

    async def receives(self, count: int = 1, *, within: float = PATIENCE) -> list[Sent]:
        """Waits until so many photos or files have come in this turn, and returns them."""

        def what_came() -> list[Sent]:
            return [message for message in self.messages[self._turn :] if message.media is not None]

        await self._until(lambda: len(what_came()) >= count, within, f"{count} files")
        return what_came()

    # ------------------------------------------------------------------ for the subclasses

    def _show(self, message: Sent) -> None:
        """A message has reached this phone."""
        self.messages.append(message)
        self._wake()

    def _wake(self) -> None:
        """Something on the screen is not as it was."""
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()

    def _new_turn(self) -> None:
        self._turn = len(self.messages)

    def _buttons_of(self, message: Sent) -> Sequence[Button]:
        """What can be tapped under this message now."""
        return message.buttons

    async def _tap(self, button: Button, message: Sent) -> int:
        raise NotImplementedError

    def _trouble(self) -> str:
        """What the provider refused lately, for the message of a failed wait."""
        return ""

    async def _until(self, done: Callable[[], bool], within: float, wanted: str) -> None:
        try:
            async with asyncio.timeout(within):
                while not done():
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.name} waited {within} s for {wanted}, and heard {self.heard}. {self._trouble()}"
            ) from None

    def _shown_titles(self) -> list[list[str]]:
        keyboards = [[b.title for b in self._buttons_of(message)] for message in self.messages]
        return [titles for titles in keyboards if titles][-3:]


def delivery_order(count: int, *, shuffle: int | None, twice: Sequence[int]) -> list[int]:
    """The positions in the order in which a provider delivers them."""
    order = with_duplicates(range(count), twice)
    return order if shuffle is None else shuffled(order, shuffle)


def _is_called(button: Button, words: str) -> bool:
    if words in (button.title, button.description):
        return True
    stem = button.title.removesuffix("…").rstrip()
    return button.title.endswith("…") and bool(stem) and words.startswith(stem)
