"""A process of its own that counts up: read, then write, in one transaction.  ``URL TIMES``."""

import asyncio
import sys

from models.counters import Counter
from models.database import close_database, open_database, transaction


async def count_up() -> None:
    counter = await Counter.get(office_id=1, name="queue")
    await Counter.filter(id=counter.id).update(value=counter.value + 1)


async def main(url: str, times: int) -> None:
    await open_database(url)
    try:
        for _ in range(times):
            await transaction(count_up)
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
