"""``make audit``: is anything known against what we have locked?

OSV is asked through pip-audit.  Whatever it did not answer for is looked up in the advisories beside this
file, and what is not covered there either was not audited, which is no success.

Exit code: 0 nothing is known, 1 something is, 2 somebody could not be audited.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.supply import advisories, lock
from tests.supply.advisories import Advisories
from tests.supply.lock import Locked

OSV = "https://api.osv.dev/v1/query"
SOCKET = 5  # seconds without a byte
PATIENCE = 180.0  # seconds for all packages together
OLD = 90  # days after which vendored advisories are called old

Findings = Mapping[str, Sequence[str]]  # package → what is known against it


def main(argv: Sequence[str] | None = None) -> int:
    wanted = _arguments().parse_args(argv)
    return max(audit(file, wanted) for file in wanted.lock or (lock.DEVELOPMENT, lock.OCR))


def audit(file: Path, wanted: argparse.Namespace) -> int:
    """One lock; its exit code."""
    locked = lock.read(file)
    asked: Findings = {} if wanted.offline else ask(file, wanted.osv_url, wanted.patience)
    rest = {name: one for name, one in locked.items() if name not in asked}
    if not rest:
        say(f"{len(asked)} packages of {file.name} audited, by asking {wanted.osv_url}")
        return verdict(asked, locked)
    say(f"{len(asked)} of {len(locked)} packages of {file.name} answered for")
    try:
        known = Advisories.load(wanted.advisories)
    except (OSError, ValueError, KeyError, TypeError) as error:
        say(f"NOT AUDITED: no vendored advisories in {wanted.advisories} ({type(error).__name__})")
        return 2
    missed = sorted(name for name in rest if not known.looked_up.get(name))
    for name in missed:
        say(
            f"NOT AUDITED: {name} {rest[name].version} was not audited: it is not in {wanted.advisories.name}"
        )
    here = {name: known.against(name, rest[name].version) for name in rest if name not in missed}
    tell_age(known, len(here))
    return max(verdict({**asked, **here}, locked), 2 if missed else 0)


def ask(locked: Path, osv_url: str, patience: float) -> Findings:
    """What OSV says of each package that pip-audit asked it about; nothing where it could not."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--osv-url", osv_url]
    command += ["--timeout", str(SOCKET), "--progress-spinner", "off", "--format", "json", "--desc", "off"]
    command += ["--require-hashes", "--disable-pip", "--requirement", str(locked)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
        return answered(done.stdout)
    except subprocess.TimeoutExpired:
        say(f"pip-audit was not done within {patience:g} seconds")
    except (ValueError, KeyError):
        say(f"pip-audit could not ask {osv_url}: {_last_line(done.stderr)}")
    return {}


def answered(told: str) -> Findings:
    """From pip-audit's JSON.  Whom it skipped, it did not answer for.  Raises: ValueError, KeyError."""
    return {
        canonicalize_name(one["name"]): [
            " = ".join([found["id"], *found["aliases"]]) for found in one["vulns"]
        ]
        for one in json.loads(told)["dependencies"]
        if "skip_reason" not in one
    }


def tell_age(known: Advisories, packages: int) -> None:
    age = (datetime.now(UTC).date() - known.as_of).days
    say(
        f"{packages} packages audited against vendored advisories of {known.as_of} ({age} days old): "
        f"{len(known.records)} advisories; what was published since is not seen"
    )
    if age > OLD:
        say(f"WARNING: vendored advisories are older than {OLD} days: run `make audit` where OSV is reached")


def verdict(findings: Findings, locked: Mapping[str, Locked]) -> int:
    """Tell what is known, package by package."""
    bad = {name: against for name, against in sorted(findings.items()) if against}
    for name, against in bad.items():
        for one in against:
            say(f"VULNERABLE: {name} {locked[name].version}: {one}")
    if not bad:
        say(f"nothing is known against {len(findings)} packages")
    return 1 if bad else 0


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:200]


def say(sentence: str) -> None:
    print(f"audit: {sentence}")  # noqa: T201


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Is anything known against what is locked?")
    parser.add_argument("--lock", type=Path, action="append", help="default: all of ours")
    parser.add_argument("--advisories", type=Path, default=advisories.FILE)
    parser.add_argument("--offline", action="store_true", help="ask nobody")
    parser.add_argument("--osv-url", default=OSV)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
