"""Our side: bytes of a stranger go to a child, clean pages come back.

The event loop only moves bytes.  What comes back is not trusted either: it is measured before it is believed.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from bot.reading.child import WALL
from bot.reading.words import FORMATS, MOST_PAGES, Problem, Verdict

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2  # files being read at the same time
LARGEST_ANSWER: Final = 64 * 1024**2  # bytes
_GRACE: Final = 1.0  # seconds that a child may have beyond its own alarm
_SHORTLY: Final = 0.2  # seconds between the end of a process and our hearing of it
_READY: Final = 30.0  # seconds in which the decoders are loaded
_CHUNK: Final = 1 << 18
_ROOT: Final = Path(__file__).parents[2]
_BEGIN: Final = (
    "import sys; sys.path += sys.argv[2:]; from bot.reading.child import main; main(int(sys.argv[1]))"
)
_LIBRARIES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")  # one thread: what forks may have no other


class CannotRead(Exception):
    """The file is none that can be read; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class ReaderAway(OSError):
    """No child can be started now; later may help."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """``jpeg``: upright, without metadata.  ``looks``: see `bot.reading.looks`."""

    jpeg: bytes
    verdict: Verdict
    looks: str


class Reader:
    """Starts the child when it is first needed, and again when it is gone.  One event loop."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._starting = asyncio.Lock()
        self._child: _Child | None = None

    async def read(self, content: bytes, mime: str) -> Sequence[ReadPage] | None:
        """The pages of a file that begins like ``mime``; None: no kind that is read, nobody opened it.

        Raises: CannotRead, ReaderAway.
        """
        if mime not in FORMATS:
            return None
        async with self._slots:
            answer = await self._asked(content, mime)
            if (
                answer is None
            ):  # another's file took the child with it, or ours did: that shows the second time
                answer = await self._asked(content, mime)
        if not answer:
            raise CannotRead(Problem.HEAVY)
        return _believed(answer)

    async def close(self) -> None:
        """Nothing of it runs on."""
        if self._child is not None:
            child, self._child = self._child, None
            await asyncio.to_thread(child.end)

    async def _asked(self, content: bytes, mime: str) -> bytes | None:
        """The child's answer; empty: it ended without one.  None: what forks it is gone, too.

        Raises: ReaderAway, CannotRead for one that had to be ended.
        """
        child = await self._ready()
        try:
            async with _line_to(child) as line:
                answer = await asyncio.wait_for(_exchange(line, content, mime), WALL + _GRACE)
        except TimeoutError:
            log.warning("reader.ended", reason="outlived its alarm")
            await self._end(child)
            raise CannotRead(Problem.HEAVY) from None
        except OSError:
            await self._end(child)
            return None
        if not answer and await asyncio.to_thread(child.ends_within, _SHORTLY):
            await self._end(child)
            return None
        return answer

    async def _ready(self) -> "_Child":
        async with self._starting:
            if self._child is None or self._child.gone():
                await self.close()
                self._child = await asyncio.to_thread(_Child)
            return self._child

    async def _end(self, child: "_Child") -> None:
        if self._child is child:
            self._child = None
        await asyncio.to_thread(child.end)


class _Child:
    """The process that forks.  Blocks but for `gone` and `fork_for`: used in threads.  Raises: ReaderAway."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folders = (str(_ROOT), *{sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-I", "-S", "-c", _BEGIN, str(theirs.fileno()), *folders],
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
async def _line_to(child: _Child) -> AsyncIterator[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        with theirs:
            child.fork_for(theirs)
        yield ours


async def _exchange(line: socket.socket, content: bytes, mime: str) -> bytes:
    """Everything there, everything back.  A child that ends before it has heard all has answered nothing."""
    loop = asyncio.get_running_loop()
    answer = bytearray()
    try:
        await loop.sock_sendall(line, mime.encode() + b"\n")
        for begin in range(0, len(content), _CHUNK):
            await loop.sock_sendall(line, content[begin : begin + _CHUNK])
        line.shutdown(socket.SHUT_WR)
        while len(answer) <= LARGEST_ANSWER and (chunk := await loop.sock_recv(line, _CHUNK)):
            answer += chunk
    except ConnectionError:
        return b""
    return bytes(answer)


def _believed(answer: bytes) -> list[ReadPage]:
    """Raises: CannotRead, for an answer that makes no sense as for one that says no."""
    head, _, rest = answer.partition(b"\n")
    try:
        said = json.loads(head)
        if "problem" in said:
            log.info("reader.refused", problem=said["problem"], error=str(said.get("error"))[:40])
            raise CannotRead(Problem(said["problem"]))
        return _pages(said["pages"], rest)
    except (ValueError, KeyError, TypeError) as error:  # an answer cut short: it was killed amid it
        raise CannotRead(Problem.HEAVY) from error


def _pages(heads: Any, rest: bytes) -> list[ReadPage]:
    """Raises: ValueError, KeyError, TypeError."""
    pages, begin = [], 0
    if not 1 <= len(heads) <= MOST_PAGES or sum(head["size"] for head in heads) != len(rest):
        raise ValueError
    for head in heads:
        jpeg = rest[begin : begin + head["size"]]
        begin += len(jpeg)
        if len(jpeg) != head["size"] or not jpeg.startswith(b"\xff\xd8\xff"):
            raise ValueError
        pages.append(ReadPage(jpeg, Verdict(head["verdict"]), f"{int(head['looks'], 16):016x}"[:16]))
    return pages
