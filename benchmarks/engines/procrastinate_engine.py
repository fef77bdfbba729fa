"""procrastinate: a job a message, PostgreSQL.  ``enqueue N`` or ``work``; reads DATABASE_URL, PROVIDER.

What a dead worker left is taken up as its documentation says: jobs without a heartbeat are retried.
"""

import asyncio
import os
import sys

from procrastinate import App, PsycopgConnector

from benchmarks.engines.post import post

DEAD = 5  # seconds without a heartbeat

app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"]))


@app.task(queue="sends")
async def tell(number: int) -> None:
    await asyncio.to_thread(post, number)


async def enqueue(most: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, most, 500):
            await tell.batch_defer_async(*({"number": n} for n in range(first, min(most, first + 500))))


async def take_up() -> None:
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD):
            await app.job_manager.retry_job(job)
        await asyncio.sleep(2)


async def work() -> None:
    async with app.open_async():
        taking_up = asyncio.create_task(take_up())
        await app.run_worker_async(concurrency=48, update_heartbeat_interval=2, install_signal_handlers=False)
        taking_up.cancel()


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else work())
