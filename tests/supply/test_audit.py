"""The audit of what is locked: loud where something is known, and where somebody was not looked up."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.supply import advisories, lock
from tests.supply.audit import answered, main

Answer = Callable[[str], dict[str, object]]  # package → what OSV says of it

SPOILT = {"vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "affected": []}]}


class Osv(ThreadingHTTPServer):
    """Stands in for api.osv.dev; with ``silent`` it takes a question and never answers."""

    daemon_threads = True

    def __init__(self, answer: Answer, *, silent: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.over = threading.Event()
        self.silent = silent

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class _Handler(BaseHTTPRequestHandler):
    server: Osv

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.silent:
            self.server.over.wait()
            return
        body = json.dumps(self.server.answer(asked["package"]["name"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is the audit's."""


@pytest.fixture
def osv() -> Iterator[Callable[..., Osv]]:
    running = []

    def begin(answer: Answer = lambda _: {}, *, silent: bool = False) -> Osv:
        server = Osv(answer, silent=silent)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    yield begin
    for server in running:
        server.over.set()
        server.shutdown()
        server.server_close()


def a_lock(folder: Path, *pins: str) -> str:
    file = folder / "requirements.txt"
    file.write_text("".join(f"{pin} \\\n    --hash=sha256:{'0' * 64}\n" for pin in pins))
    return str(file)


# ------------------------------------------------------------------ beside the lock


def test_everything_locked_was_looked_up_and_nothing_is_known_against_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--offline"]) == 0
    told = capsys.readouterr().out
    packages = len(lock.read(lock.DEVELOPMENT))
    assert f"{packages} packages audited against vendored advisories of 2026-07-07" in told
    assert f"nothing is known against {packages} packages" in told
    assert set(lock.read(lock.RUNTIME)) <= set(lock.read(lock.DEVELOPMENT))


def test_an_old_version_is_named_with_its_advisory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["--offline", "--lock", a_lock(tmp_path, "aiohttp==3.14.1", "Pillow==12.2.0", "idna==3.20")])
        == 1
    )
    told = capsys.readouterr().out
    assert "VULNERABLE: aiohttp 3.14.1: PYSEC-2026-3546 = CVE-2026-69243" in told
    assert "VULNERABLE: pillow 12.2.0: PYSEC-2026-3451 = CVE-2026-59199" in told
    assert "PYSEC-2022-43059" not in told  # it was withdrawn
    assert "idna" not in told


def test_a_package_that_nobody_looked_up_was_not_audited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--offline", "--lock", a_lock(tmp_path, "aiohttp==3.14.5", "left-pad==1.0")]) == 2
    assert "NOT AUDITED: left-pad 1.0 was not audited" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_without_advisories_nothing_was_audited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    file = tmp_path / "advisories.json"
    if content is not None:
        file.write_text(content)
    assert main(["--offline", "--advisories", str(file)]) == 2
    assert "NOT AUDITED: no vendored advisories" in capsys.readouterr().out


def test_old_advisories_are_called_old_and_fail_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(advisories.FILE.read_text())
    data["sources"]["github"]["as_of"] = "2020-01-01"
    file = tmp_path / "advisories.json"
    file.write_text(json.dumps(data))
    assert main(["--offline", "--advisories", str(file)]) == 0
    assert "WARNING: vendored advisories are older than 90 days" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("1.9", False),
        ("2.0", True),
        ("2.4", True),
        ("2.4.1", False),
        ("3.0", True),
        ("3.2", False),
        ("0.5", True),
    ],
)
def test_a_range_is_read_as_osv_says(version: str, affected: bool) -> None:
    events = [{"fixed": "3.2"}, {"introduced": "3.0"}, {"introduced": "2.0"}, {"last_affected": "2.4"}]
    said = {"versions": ["0.5"], "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    assert advisories.affects(said, version) is affected


# ------------------------------------------------------------------ by asking


def test_osv_is_asked_first_and_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], osv: Callable[..., Osv]
) -> None:
    server = osv(lambda name: SPOILT if name == "left-pad" else {})
    pins = a_lock(tmp_path, "aiohttp==3.14.5", "left-pad==1.0")
    assert main(["--osv-url", server.url, "--lock", pins]) == 1
    told = capsys.readouterr().out
    assert f"2 packages of requirements.txt audited, by asking {server.url}" in told
    assert "VULNERABLE: left-pad 1.0: PYSEC-1 = CVE-1" in told
    assert "vendored" not in told


def test_where_nobody_answers_it_says_so_and_looks_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], osv: Callable[..., Osv]
) -> None:
    silent = osv(silent=True)
    pins = a_lock(tmp_path, "aiohttp==3.14.5")
    assert main(["--osv-url", silent.url, "--patience", "3", "--lock", pins]) == 0
    told = capsys.readouterr().out
    assert "pip-audit was not done within 3 seconds" in told
    assert main(["--osv-url", "http://127.0.0.1:9/v1/query", "--lock", pins]) == 0
    told = capsys.readouterr().out
    assert "pip-audit could not ask http://127.0.0.1:9/v1/query" in told
    assert "1 packages audited against vendored advisories" in told


def test_of_a_package_for_another_system_what_is_here_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], osv: Callable[..., Osv]
) -> None:
    pins = a_lock(tmp_path, "aiohttp==3.14.5", "pillow==12.2.0 ; sys_platform == 'win32'")
    assert main(["--osv-url", osv().url, "--lock", pins]) == 1
    told = capsys.readouterr().out
    assert "1 of 2 packages of requirements.txt answered for" in told
    assert "VULNERABLE: pillow 12.2.0" in told


def test_whom_pip_audit_skipped_it_did_not_answer_for() -> None:
    """As it ends, with 0, where the index knows no advisories: said by pip-audit 2.10.1."""
    skipped = {"name": "aiofiles", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    asked = {"name": "Pillow", "version": "12.2.0", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"]}]}
    told = json.dumps({"dependencies": [skipped, asked], "fixes": []})
    assert answered(told) == {"pillow": ["PYSEC-1 = CVE-1"]}
