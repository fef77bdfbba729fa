"""DBOS: a durable workflow a message, queued.  ``enqueue N`` or ``work``; reads DATABASE_URL, PROVIDER."""

import os
import sys
import threading

from dbos import DBOS

from benchmarks.engines.post import post

DBOS(config={"name": "bench", "system_database_url": os.environ["DATABASE_URL"], "run_admin_server": False})


@DBOS.step()
def send(number: int) -> None:
    post(number)


@DBOS.workflow()
def tell(number: int) -> None:
    send(number)


if __name__ == "__main__":
    DBOS.listen_queues(["sends"] if sys.argv[1] == "work" else [])
    DBOS.launch()
    if sys.argv[1] == "work":
        DBOS.register_queue("sends", concurrency=48)
        threading.Event().wait()
    queue = DBOS.register_queue("sends", concurrency=48)
    for number in range(int(sys.argv[2])):
        queue.enqueue(tell, number)
    DBOS.destroy()
