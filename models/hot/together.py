"""Questions of one turn of the event loop become one query."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """``look`` gets all of them, and returns the answers by their places in the list."""

    def __init__(self, look: Callable[[Sequence[Asked]], Awaitable[Mapping[int, Answer]]]) -> None:
        self._look = look
        self._asked: list[tuple[Asked, asyncio.Future[Answer | None]]] = []
        self._asking: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked) -> Answer | None:
        """None where there is no answer.  Raises: what ``look`` raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer | None] = loop.create_future()
        self._asked.append((asked, answer))
        if len(self._asked) == 1:
            loop.call_soon(self._begin)
        return await answer

    def _begin(self) -> None:
        asked, self._asked = self._asked, []
        task = asyncio.create_task(self._answer(asked))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _answer(self, asked: Sequence[tuple[Asked, "asyncio.Future[Answer | None]"]]) -> None:
        try:
            found = await self._look([ask for ask, _ in asked])
        except Exception as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for place, (_, answer) in enumerate(asked):
            if not answer.done():
                answer.set_result(found.get(place))
