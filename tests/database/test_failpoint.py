"""A fail-point kills where it was told to, and only in a test."""

import signal
import subprocess
import sys

import pytest

THREE_VISITS = (
    "from models.failpoint import failpoint\n"
    "for n in range(3):\n"
    "    print(n, flush=True)\n"
    "    failpoint('here')\n"
    "    failpoint('there')\n"
)


def visit(environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", THREE_VISITS],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.replace("\n", "")


@pytest.mark.parametrize(
    ("armed", "outcome"),
    [
        ("here:1", (-signal.SIGKILL, "0")),
        ("here:3", (-signal.SIGKILL, "012")),
        ("elsewhere:1,there:2", (-signal.SIGKILL, "01")),
        ("here:4", (0, "012")),
        ("here:10", (0, "012")),
        ("", (0, "012")),
    ],
)
def test_it_kills_at_the_nth_visit(armed: str, outcome: tuple[int, str]) -> None:
    assert visit({"LOKET_ENV": "test", "FAILPOINT": armed}) == outcome


@pytest.mark.parametrize("environment", [{}, {"LOKET_ENV": "production"}])
def test_outside_a_test_it_is_deaf(environment: dict[str, str]) -> None:
    assert visit({**environment, "FAILPOINT": "here:1"}) == (0, "012")
