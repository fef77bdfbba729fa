"""The process that forks for each file, seen from our side: started, asked, ended.

The event loop only moves bytes.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import structlog

from bot.reading.words import Limits

log = structlog.get_logger(__name__)

LARGEST_ANSWER: Final = 64 * 1024**2  # bytes
_GRACE: Final = 1.0  # seconds that a child may have beyond its own alarm
_SHORTLY: Final = 0.2  # seconds between the end of a process and our hearing of it
_READY: Final = 60.0  # seconds in which the libraries are loaded
_CHUNK: Final = 1 << 18
_ROOT: Final = Path(__file__).parents[2]
_BEGIN: Final = (
    "import sys; sys.path += sys.argv[3:]; "
    "from bot.reading.child import main; main(int(sys.argv[1]), sys.argv[2])"
)
_LIBRARIES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")  # one thread: what forks may have no other


class ReaderAway(OSError):
    """No child can be started now; later may help."""


class Forks:
    """Starts the child when it is first needed, and again when it is gone.  One event loop.

    ``work``: a module of `bot.reading`, see `bot.reading.child`; ``limits`` are those it keeps.
    """

    def __init__(self, work: str, limits: Limits, at_once: int) -> None:
        self._work = work
        self._wall = limits.wall
        self._slots = asyncio.Semaphore(at_once)
        self._starting = asyncio.Lock()
        self._child: Child | None = None
        self._closed = False

    async def ask(self, *asked: bytes) -> bytes:
        """The answer to these bytes, one after the other; empty: it took too much, and was ended.

        Raises: ReaderAway.
        """
        async with self._slots:
            answer = await self._asked(asked)
            if answer is None:  # another's file took the child with it, or ours did: the next shows
                answer = await self._asked(asked)
        return answer or b""

    async def close(self) -> None:
        """Nothing of it runs on, and nothing is begun again.  What is being asked ends as `ReaderAway`."""
        self._closed = True
        async with self._starting:  # one that is being started is ended, too
            if self._child is not None:
                await self._end(self._child)

    async def _asked(self, asked: Sequence[bytes]) -> bytes | None:
        """The child's answer; empty: it ended without one.  None: what forks it is gone, too.

        Raises: ReaderAway.
        """
        child = await self._ready()
        try:
            async with _line_to(child) as line:
                answer = await asyncio.wait_for(_exchange(line, asked), self._wall + _GRACE)
        except TimeoutError:
            log.warning("reader.ended", work=self._work, reason="outlived its alarm")
            await self._end(child)
            return b""
        except OSError:
            await self._end(child)
            return None
        if not answer and await asyncio.to_thread(child.ends_within, _SHORTLY):
            await self._end(child)
            return None
        return answer

    async def _ready(self) -> "Child":
        async with self._starting:
            if self._closed:
                raise ReaderAway("closed")
            if self._child is None or self._child.gone():
                if self._child is not None:
                    await self._end(self._child)
                self._child = await asyncio.to_thread(Child, self._work)
            return self._child

    async def _end(self, child: "Child") -> None:
        if self._child is child:
            self._child = None
        await asyncio.to_thread(child.end)


class Child:
    """The process that forks.  Blocks but for `gone` and `fork_for`: used in threads.  Raises: ReaderAway."""

    def __init__(self, work: str) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folders = (str(_ROOT), *{sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-I", "-S", "-c", _BEGIN, str(theirs.fileno()), work, *folders],
                pass_fds=(theirs.fileno(),),
                env=dict.fromkeys(_LIBRARIES, "1"),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._door.settimeout(_READY)
        try:
            said = self._door.recv(16)
        except OSError:
            said = b""
        if said != b"ready":
            self.end()
            raise ReaderAway("the reader does not start")
        self._door.setblocking(False)

    def gone(self) -> bool:
        return self._process.poll() is not None

    def ends_within(self, seconds: float) -> bool:
        """Whether it is gone, or about to be."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def fork_for(self, line: socket.socket) -> None:
        """One more child, at the other end of ``line``.  Raises: OSError."""
        socket.send_fds(self._door, [b"."], [line.fileno()])

    def end(self) -> None:
        """With all that it has forked."""
        self._door.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.asynccontextmanager
async def _line_to(child: Child) -> AsyncIterator[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        with theirs:
            child.fork_for(theirs)
        yield ours


async def _exchange(line: socket.socket, asked: Sequence[bytes]) -> bytes:
    """Everything there, everything back.  A child that ends before it has heard all has answered nothing."""
    loop = asyncio.get_running_loop()
    answer = bytearray()
    try:
        for part in asked:
            for begin in range(0, len(part), _CHUNK):
                await loop.sock_sendall(line, part[begin : begin + _CHUNK])
        line.shutdown(socket.SHUT_WR)
        while len(answer) <= LARGEST_ANSWER and (chunk := await loop.sock_recv(line, _CHUNK)):
            answer += chunk
    except ConnectionError:
        return b""
    return bytes(answer)
