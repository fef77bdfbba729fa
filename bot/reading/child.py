"""The other side: one lean process that has the decoders loaded, and forks for each file.

It is started with nothing of our environment and one socket.  Whoever it forks reads one file from one
socket, answers there and ends; it can open no file and no connection, write no file, and is killed when it
takes too long or too much.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import socket
from typing import Final

MEMORY: Final = 640 * 1024**2  # bytes of address space; of them 160 MB are the decoders themselves
CPU: Final = 10  # seconds
WALL: Final = 15  # seconds

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES: Final = 38
_CAPABILITIES: Final = 0x20080522  # the third version of the call
_NOBODY: Final = 65534


def main(control: int) -> None:
    """Fork for every socket that comes through ``control``, until that is closed."""
    _leave_the_network()
    importlib.import_module("bot.reading.opening").warm()
    _give_up_rights()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: they are gone when they end
    with socket.socket(fileno=control) as door:
        door.sendall(b"ready")
        while True:
            _, handles, _, _ = socket.recv_fds(door, 16, 1)
            if not handles:
                return
            if os.fork() == 0:
                door.close()
                _read_one(handles[0])
            os.close(handles[0])


def _read_one(handle: int) -> None:
    """Never returns."""
    code = 1
    try:
        limit()
        with socket.socket(fileno=handle) as line:
            line.sendall(_answer(_whole(line)))
        code = 0
    finally:
        os._exit(code)


def _answer(asked: bytes) -> bytes:
    """``asked``: what the file begins like, a line; then its bytes.  The answer: a line of JSON, the pages.

    Shape:  ``{"pages": [{"size": bytes, "verdict": …, "looks": …}, …]}`` or ``{"problem": …, "error": …}``.
    """
    from bot.reading.opening import Unreadable, pages_of  # noqa: PLC0415 - our side imports this file, too
    from bot.reading.words import Problem  # noqa: PLC0415

    mime, _, content = asked.partition(b"\n")
    try:
        pages = pages_of(content, mime.decode())
    except Unreadable as reason:
        return _line({"problem": reason.problem, "error": type(reason.__cause__).__name__})
    except MemoryError:
        return _line({"problem": Problem.HEAVY, "error": "MemoryError"})
    head = [{"size": len(page.jpeg), "verdict": page.verdict, "looks": page.looks} for page in pages]
    return _line({"pages": head}) + b"".join(page.jpeg for page in pages)


def _line(answer: dict[str, object]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _whole(line: socket.socket) -> bytes:
    received = bytearray()
    while chunk := line.recv(1 << 20):
        received += chunk
    return bytes(received)


def limit() -> None:
    """From here on: no descriptor more (so no file, no connection), no bytes to a file."""
    signal.alarm(WALL)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _leave_the_network() -> None:
    """An empty network of its own, where the system allows it.  Where not, descriptors are what it lacks."""
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if kernel.unshare(_NEW_NET) != 0:
        kernel.unshare(_NEW_USER | _NEW_NET)


def _give_up_rights() -> None:
    """Of root nothing is left, nor of what a user has who made a network of its own."""
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):  # in a container that may not
            os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    none = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(_CAPABILITIES, 0), none)
