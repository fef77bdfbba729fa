"""DBOS: a durable workflow a message, from a queue.  ``enqueue N`` or ``work``.

Reads DATABASE_URL and PROVIDER.
"""

import os
import sys
import threading

from dbos import DBOS, Queue

from benchmarks.engines.post import post

DBOS(config={"name": "bench", "system_database_url": os.environ["DATABASE_URL"], "run_admin_server": False})
queue = Queue("sends", concurrency=48)


@DBOS.step()
def send(number: int) -> None:
    post(number)


@DBOS.workflow()
def tell(number: int) -> None:
    send(number)


if __name__ == "__main__":
    if sys.argv[1] == "enqueue":
        DBOS.listen_queues([])
    DBOS.launch()
    if sys.argv[1] == "enqueue":
        for number in range(int(sys.argv[2])):
            queue.enqueue(tell, number)
        DBOS.destroy()
    else:
        threading.Event().wait()
