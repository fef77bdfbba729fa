"""Starts servers quickly: everything is imported once, each server is a fork.

Run as ``python -m tests.faults.nursery SOCKET``; it ends, with every server, when its stdin closes.  Each
connection to the socket has its own servers, which end with it.  Orders are JSON lines: ``{"env": {…},
"run": ["serve"], "log": FILE}`` starts ``run.py serve`` under that environment, its standard error at the end
of the file.  Answers are JSON lines: ``{"pid": …}``, ``{"pid": …, "line": "…"}`` for what a server prints,
``{"pid": …, "ended": signal or exit code}``.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any


class Customer:
    """A connection, and its servers by the pipe that each prints into."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.servers: dict[int, int] = {}

    def tell(self, **fact: Any) -> None:
        with contextlib.suppress(OSError):
            self.line.sendall(json.dumps(fact).encode() + b"\n")


class Nursery:
    def __init__(self, path: str) -> None:
        self._watch = selectors.DefaultSelector()
        self._unfinished: dict[int, bytes] = {}
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(f"{path}.new")
        self._door.listen()
        Path(f"{path}.new").rename(path)  # whoever sees it may knock
        self._watch.register(self._door, selectors.EVENT_READ, self._opens)
        self._watch.register(0, selectors.EVENT_READ, self._closes)

    def run(self) -> None:
        while True:
            for key, _ in self._watch.select():
                if key.fd in self._watch.get_map():  # not left by one before it
                    key.data()

    def _opens(self) -> None:
        customer = Customer(self._door.accept()[0])
        self._watch.register(customer.line, selectors.EVENT_READ, lambda: self._hears(customer))

    def _closes(self) -> None:
        for key in list(self._watch.get_map().values()):
            if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._door:
                key.fileobj.close()
        os.killpg(0, signal.SIGKILL)

    def _lines(self, source: int, piece: bytes) -> list[bytes]:
        *whole, self._unfinished[source] = (self._unfinished.get(source, b"") + piece).split(b"\n")
        return whole

    def _hears(self, customer: Customer) -> None:
        source = customer.line.fileno()
        piece = customer.line.recv(65536)
        for line in self._lines(source, piece):
            pid, output = _start(**json.loads(line))
            customer.servers[output] = pid
            self._watch.register(output, selectors.EVENT_READ, lambda o=output: self._prints(customer, o))
            customer.tell(pid=pid)
        if not piece:
            self._watch.unregister(customer.line)
            self._unfinished.pop(source, None)
            customer.line.close()
            for pid in customer.servers.values():
                os.kill(pid, signal.SIGKILL)

    def _prints(self, customer: Customer, output: int) -> None:
        piece = os.read(output, 65536)
        pid = customer.servers[output]
        for line in self._lines(output, piece):
            customer.tell(pid=pid, line=line.decode())
        if not piece:
            self._watch.unregister(output)
            self._unfinished.pop(output, None)
            os.close(output)
            del customer.servers[output]
            customer.tell(pid=pid, ended=_end_of(pid))


def _start(env: dict[str, str], run: list[str], log: str) -> tuple[int, int]:
    """Fork a server; its process, and the pipe it prints into."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writing, 1)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
        os.closerange(3, 1024)
        os.environ.update(env)
        _run(run)
    os.close(writing)
    return pid, reading


def _run(arguments: list[str]) -> None:
    from wiring.cli import main as front_door  # noqa: PLC0415

    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    os._exit(front_door(arguments))


def _end_of(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def main(path: str) -> None:
    import uvloop  # noqa: F401, PLC0415

    import wiring.foreign  # noqa: PLC0415
    import wiring.registry  # noqa: PLC0415
    import wiring.serve  # noqa: F401, PLC0415

    os.setpgid(0, 0)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of ours
    Nursery(path).run()


if __name__ == "__main__":
    main(sys.argv[1])
