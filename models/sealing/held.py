"""The keys of this process: taken once, after the database was opened."""

from datetime import UTC, datetime
from typing import Final

from models.database import rows
from models.keys import FieldKey
from models.sealing.keys import Keys, Wrapped
from models.sealing.ring import Ring, name_of, new_key, ring_of

_FIRST: Final = """
INSERT INTO field_keys (id, kek, wrapped, created_at) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING
"""
_held: tuple[Keys, Ring] | None = None


async def take(keys: Keys) -> None:
    """Seal with these keys from now on; the first process of all makes the key of the rows.

    Raises: KeyMissing, SealBroken: the file of keys is not the one that this database was sealed under.
    """
    found = await FieldKey.all().order_by("id")
    if not found:
        wrapped = keys.wrap(new_key(), name_of(1))
        await rows(_FIRST, [wrapped.kek, wrapped.key, datetime.now(UTC)])
        found = await FieldKey.all().order_by("id")
    hold(keys, ring_of(keys, {one.id: Wrapped(one.kek, bytes(one.wrapped)) for one in found}))


def hold(keys: Keys, ring: Ring) -> None:
    """From now on these are the process's."""
    global _held  # noqa: PLW0603 - one file of keys per process, like the database
    _held = keys, ring


def keys() -> Keys:
    """Raises: RuntimeError, before they were taken."""
    return _the_held()[0]


def ring() -> Ring:
    """Raises: RuntimeError, before they were taken."""
    return _the_held()[1]


def _the_held() -> tuple[Keys, Ring]:
    if _held is None:
        raise RuntimeError("take() the keys first")
    return _held
