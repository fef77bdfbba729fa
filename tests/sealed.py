"""The keys of tests that open a database themselves; a served office makes its own, in its folder."""

from pathlib import Path

from bot.sealed_storage import MARK
from models.sealing.keys import Keys, Wrapped, opened
from models.sealing.ring import Ring, ring_of
from tests.migrations.outside import query

KEYS = Keys("k1", {"k1": bytes(range(32))}, bytes(range(32, 64)))
RING = Ring({1: bytes(range(64, 96))}, KEYS.derived("index"))


async def ring_of_office(url: str, keys: Path) -> Ring:
    """What a process of the office seals its rows with."""
    wrapped = await query(url, "SELECT id, kek, wrapped FROM field_keys")
    return ring_of(Keys.read(keys), {number: Wrapped(kek, bytes(key)) for number, kek, key in wrapped})


async def paper_of_office(url: str, keys: Path, papers: Path, key: str) -> bytes:
    """A file that a process of the office keeps, opened."""
    [(kek, wrapped)] = await query(url, f"SELECT kek, wrapped FROM paper_keys WHERE storage_key = '{key}'")  # noqa: S608
    data_key = Keys.read(keys).unwrap(Wrapped(kek, bytes(wrapped)), key)
    return opened(data_key, (papers / key).read_bytes().removeprefix(MARK), f"paper|{key}")
