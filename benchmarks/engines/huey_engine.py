"""huey: a task a message, on SQLite with fsync.  ``enqueue N`` or ``work``; reads DATABASE_URL, PROVIDER."""

import os
import sys
from urllib.parse import urlsplit

from huey import SqliteHuey

from benchmarks.engines.post import post

huey = SqliteHuey(filename=urlsplit(os.environ["DATABASE_URL"]).path, fsync=True)


@huey.task(retries=3)
def tell(number: int) -> None:
    post(number)


if __name__ == "__main__":
    if sys.argv[1] == "enqueue":
        for number in range(int(sys.argv[2])):
            tell(number)
    else:
        huey.create_consumer(workers=16, worker_type="thread").run()
