"""A new key in the file, and every data key wrapped anew under it: beside a serving process, piece by piece.

What is done is done: a run that was stopped goes on where it stands.  What the data keys seal is not touched.
"""

from typing import Final

from models.database import rows, transaction
from models.keys import EMPTIED, FieldKey, PaperKey
from models.sealing.keys import Keys, Wrapped
from models.sealing.ring import name_of

AT_ONCE: Final = 500

_FIELD: Final = "UPDATE field_keys SET kek = $1, wrapped = $2 WHERE id = $3 AND kek = $4"
_PAPER: Final = """
UPDATE paper_keys SET kek = $1, wrapped = $2 WHERE office_id = $3 AND storage_key = $4 AND kek = $5
"""


async def wrap_anew(keys: Keys) -> int:
    """Wrap with the current key what another one wraps; how many were.  Raises: KeyMissing, SealBroken."""
    done = await transaction(lambda: _fields(keys))
    while more := await transaction(lambda: _some_papers(keys)):
        done += more
    return done


async def wrapped_by_others(keys: Keys) -> int:
    """How many data keys an unfinished rotation has left."""
    fields = await FieldKey.exclude(kek=keys.current).count()
    return fields + await PaperKey.exclude(kek=keys.current).count()


async def _fields(keys: Keys) -> int:
    old = await FieldKey.exclude(kek=keys.current)
    for one in old:
        now = _anew(keys, Wrapped(one.kek, bytes(one.wrapped)), name_of(one.id))
        await rows(_FIELD, [now.kek, now.key, one.id, one.kek])
    return len(old)


async def _some_papers(keys: Keys) -> int:
    some = await PaperKey.exclude(kek=keys.current).order_by("kek", "storage_key").limit(AT_ONCE)
    for one in some:
        held = Wrapped(one.kek, bytes(one.wrapped))
        now = _anew(keys, held, one.storage_key) if held.key != EMPTIED else Wrapped(keys.current, EMPTIED)
        await rows(_PAPER, [now.kek, now.key, one.office_id, one.storage_key, one.kek])
    return len(some)


def _anew(keys: Keys, wrapped: Wrapped, about: str) -> Wrapped:
    return keys.wrap(keys.unwrap(wrapped, about), about)
