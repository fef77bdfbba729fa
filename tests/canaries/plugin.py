"""When they are looked for: a part of pytest."""

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.canaries.places import SHARED_MEMORY, Changing, in_sqlites_logs, in_the_figures, left_in, told
from tests.postgres import end_run, run_folder

OUTSIDE = "PYTEST_DEBUG_TEMPROOT"  # the system's temporary folder; pytest looks here, too
FOUND = pytest.StashKey[list[str]]()
TEMPORARY = pytest.StashKey[Changing]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Every process of the run gets a temporary folder of its own; pytest's folders stay where they were."""
    os.environ.setdefault(OUTSIDE, tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="temporary-", dir=run_folder()))
    folder.chmod(0o1777)  # PostgreSQL is a user of its own
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.stash[TEMPORARY] = Changing(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """While the databases are still open."""
    item.stash[FOUND] = []
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if isinstance(folder, Path):
        item.stash[FOUND] += in_sqlites_logs(item.nodeid, folder)
    return (yield)


@pytest.fixture
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """pytest's own, looked through when all who had it have left: pytest clears it away behind us."""
    yield tmp_path
    request.node.stash[FOUND] += left_in(request.node.nodeid, tmp_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "teardown" and report.passed:
        found = item.stash[FOUND] + item.config.stash[TEMPORARY].left_in(item.nodeid)
        found += told(item.nodeid, [(f"{when} {name}", text) for when, name, text in item._report_sections])
        if found:
            report.outcome, report.longrepr = "failed", "\n".join(("canaries in clear", *found))
    return report


@pytest.fixture(scope="session", autouse=True)
def no_canary_is_left_at_the_end(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """In the figures, in the folders that modules shared, and in the memory that processes share."""
    shared = Changing(SHARED_MEMORY)
    shared.new()
    yield
    found = [*shared.left_in(""), *left_in("", tmp_path_factory.getbasetemp()), *in_the_figures()]
    assert not found, "\n".join(("canaries in clear", *found))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Once all workers are done: the server is theirs together."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[FOUND] = end_run()
        if session.config.stash[FOUND]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for found in config.stash.get(FOUND, []):
        terminalreporter.write_line(f"FAILED canary in clear on PostgreSQL: {found}", red=True)
