"""The other side: one lean process that has the libraries of a work loaded, and forks for each file.

A work is a module here: `opening` makes pages of what strangers send, `cards` reads their letters.  It has
``warm()``, ``answer(asked)`` and its ``LIMITS``.

It is started with nothing of our environment and one socket.  Whoever it forks reads one file from one
socket, answers there and ends; it can open no file and no connection, write no file, and is killed when it
takes too long or too much.
"""

import contextlib
import ctypes
import importlib
import os
import resource
import signal
import socket
from collections.abc import Callable
from typing import Final

from bot.reading.words import Limits

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES: Final = 38
_CAPABILITIES: Final = 0x20080522  # the third version of the call
_NOBODY: Final = 65534


def main(control: int, work: str) -> None:
    """Fork for every socket that comes through ``control``, until that is closed."""
    _leave_the_network()
    module = importlib.import_module(f"bot.reading.{work}")
    module.warm()
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
                _read_one(handles[0], module.answer, module.LIMITS)
            os.close(handles[0])


def _read_one(handle: int, answer: Callable[[bytes], bytes], most: Limits) -> None:
    """Never returns."""
    code = 1
    try:
        limit(most)
        with socket.socket(fileno=handle) as line:
            line.sendall(answer(_whole(line)))
        code = 0
    finally:
        os._exit(code)


def _whole(line: socket.socket) -> bytes:
    received = bytearray()
    while chunk := line.recv(1 << 20):
        received += chunk
    return bytes(received)


def limit(most: Limits) -> None:
    """From here on: no descriptor more (so no file, no connection), no bytes to a file."""
    signal.alarm(most.wall)
    for what, most_of_it in (
        (resource.RLIMIT_AS, most.memory),
        (resource.RLIMIT_CPU, most.cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most_of_it, most_of_it))


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
