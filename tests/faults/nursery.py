"""Starts servers quickly: everything is imported once, each server is a fork.

Run as ``python -m tests.faults.nursery``.  Orders are JSON lines on stdin: ``{"env": {…}}`` starts
``run.py serve`` under that environment.  Answers are JSON lines on stdout: ``{"pid": …}``,
``{"pid": …, "line": "…"}`` for what a server prints, ``{"pid": …, "ended": signal or exit code}``.
"""

import json
import os
import selectors
import sys
from typing import Any

ORDERS = 0  # our stdin


def main() -> None:
    import wiring.registry  # noqa: PLC0415
    import wiring.serve  # noqa: F401, PLC0415

    watch = selectors.DefaultSelector()
    watch.register(ORDERS, selectors.EVENT_READ)
    servers: dict[int, int] = {}  # the pipe a server prints into -> its process
    unfinished: dict[int, bytes] = {}
    while True:
        for key, _ in watch.select():
            source = key.fd
            piece = os.read(source, 65536)
            *lines, unfinished[source] = (unfinished.get(source, b"") + piece).split(b"\n")
            if source == ORDERS:
                if not piece:
                    return
                for line in lines:
                    pid, output = _start(json.loads(line)["env"])
                    servers[output] = pid
                    watch.register(output, selectors.EVENT_READ)
                    _tell(pid=pid)
                continue
            for line in lines:
                _tell(pid=servers[source], line=line.decode())
            if not piece:
                watch.unregister(source)
                os.close(source)
                _tell(pid=servers[source], ended=_end_of(servers.pop(source)))


def _start(env: dict[str, str]) -> tuple[int, int]:
    """Fork a server; its process, and the pipe it prints into."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writing, 1)
        os.closerange(3, writing + 1)
        os.environ.update(env)
        _serve()
    os.close(writing)
    return pid, reading


def _serve() -> None:
    from wiring.cli import main as run  # noqa: PLC0415

    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    os._exit(run(["serve"]))


def _end_of(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _tell(**fact: Any) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
