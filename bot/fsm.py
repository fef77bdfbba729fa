"""aiogram's FSM in our database, in the transaction of the message that moves it."""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey

from bot import fsm_values
from bot.fsm_values import FindModule
from bot.step import FsmEntry, Step, current
from models.database import rows
from models.hot.sealing import opened_state, sealed_state

_KEYS = DefaultKeyBuilder(with_bot_id=True, with_business_connection_id=True, with_destiny=True)
Row = tuple[str | None, str]  # aiogram's state, and the data as JSON
_READ = "SELECT state, data FROM fsm WHERE key = $1 AND office_id = $2"
_WRITE = """
INSERT INTO fsm (key, office_id, state, data) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, data = excluded.data
"""
_FORGET = "DELETE FROM fsm WHERE key = $1 AND office_id = $2"


class DatabaseStorage(BaseStorage):
    """States and data as rows.  Within a step each row is read once and written once, at its end.

    ``office_id``: whose they are outside any step.
    """

    def __init__(self, office_id: int) -> None:
        self._office_id = office_id
        self.find_module: FindModule = importlib.import_module  # for the classes of kept objects
        self.read: Callable[[str, int], Awaitable[Row | None]] = _read

    async def _entry(self, key: str) -> FsmEntry:
        step = current()
        if step is not None and key in step.fsm:
            return step.fsm[key]
        found = await self.read(key, self._whose(step))
        entry = (
            FsmEntry(found[0], fsm_values.loads(found[1], self.find_module))
            if found is not None
            else FsmEntry(None, {})
        )
        if step is not None:
            step.fsm[key] = entry
        return entry

    def _whose(self, step: Step | None) -> int:
        return (step.office_id if step is not None else 0) or self._office_id

    async def _changed(self, key: str, entry: FsmEntry) -> None:
        entry.changed = True
        if current() is None:
            await self._write(key, entry, self._office_id)

    async def _write(self, key: str, entry: FsmEntry, office_id: int) -> None:
        if entry.state is None and not entry.data:
            await rows(_FORGET, [key, office_id])
        else:
            state, data = sealed_state(key, office_id, (entry.state, fsm_values.dumps(entry.data)))
            await rows(_WRITE, [key, office_id, state, data])

    async def flush(self, step: Step | None = None) -> None:
        """Write what the step changed (by default the current one); the last thing before its commit."""
        step = step or current()
        for key, entry in (step.fsm if step else {}).items():
            if entry.changed:
                await self._write(key, entry, self._whose(step))
                entry.changed = False

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = _KEYS.build(key)
        entry = await self._entry(name)
        entry.state = state.state if isinstance(state, State) else state
        await self._changed(name, entry)

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._entry(_KEYS.build(key))).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        name = _KEYS.build(key)
        entry = await self._entry(name)
        entry.data = dict(data)
        await self._changed(name, entry)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._entry(_KEYS.build(key))).data)

    async def close(self) -> None:
        """Nothing is held open."""


async def _read(key: str, office_id: int) -> Row | None:
    """Inside whatever transaction runs."""
    found = await rows(_READ, [key, office_id])
    return opened_state(key, office_id, (found[0]["state"], found[0]["data"])) if found else None
