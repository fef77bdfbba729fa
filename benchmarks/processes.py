"""A bot as a process: started, watched through ``/proc``, killed, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.environments import ROOT

BOT_PROCESSOR, LOAD_PROCESSOR = 0, 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stay_on(processor: int, pid: int = 0) -> None:
    """Bot and load on a processor each, where there are two."""
    if processor < (os.cpu_count() or 1):
        for one in family(pid) if pid else [0]:
            os.sched_setaffinity(one, {processor})


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def cpu_seconds(pid: int) -> float:
    """Used so far by the process, its children, and those of them that are gone."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int, what: str = "VmRSS") -> float:
    """Resident memory now, or its peak with ``VmHWM``."""
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith(what):
                total += int(line.split()[1])
    return total / 1024


class Bot:
    """Started in a session of its own, so that `kill` reaches whatever it has started."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], log: Path, *, pin: bool = True
    ) -> None:
        self._command, self._env, self._log, self._pin = command, dict(env), log, pin
        self.start()

    def start(self) -> None:
        self.began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=os.environ | self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        if self._pin:
            stay_on(BOT_PROCESSOR, self.pid)

    def ready(self, url: str, patience: float = 60.0) -> float:
        """Seconds from its start until ``url`` is answered with anything but a 5xx.  Raises: RuntimeError."""
        while time.monotonic() - self.began < patience:
            if self._process.poll() is not None:
                raise RuntimeError(f"ended with {self._process.returncode}:\n{self._log.read_text()[-2000:]}")
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback
                    break
            except urllib.error.HTTPError as answer:
                if answer.code < 500:
                    break
            except OSError:
                pass
            time.sleep(0.005)
        else:
            raise RuntimeError(f"not ready after {patience:.0f} s")
        return time.monotonic() - self.began

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def tracebacks(self) -> int:
        """A bot can raise after each reply has gone out: then its figures are those of a broken bot."""
        return self._log.read_text(errors="replace").count("Traceback (most recent call last)")


def processor_is_shared() -> str:
    """What else runs here, for the foot of a table."""
    one, five, _ = os.getloadavg()
    python = sys.version.split()[0]
    return f"{os.cpu_count()} processors, load {one:.1f} (1 min) {five:.1f} (5 min), Python {python}"
