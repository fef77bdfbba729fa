"""``make sbom``: bills of materials of what is locked, in CycloneDX, under ``dist/``.

cyclonedx-py reads the lock (names, versions, hashes) and what is installed (licences); here the two become
one, without what would differ from run to run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from tests.supply import lock

DIST = lock.ROOT / "dist"
FILES = {"loket.cdx.json": lock.RUNTIME, "loket-dev.cdx.json": lock.DEVELOPMENT}
_VERSION = "1.6"  # of CycloneDX


Licences = Mapping[str, Sequence[Mapping[str, Any]]]  # package → as it declares them


def build(locked: Path, licences: Licences) -> str:
    """The bill of what this lock names, as JSON; see ``check``."""
    bill = _cyclonedx("requirements", str(locked), "--pyproject", str(lock.ROOT / "pyproject.toml"))
    runtime = lock.read(lock.RUNTIME)
    references = {"root-component": "loket"}
    for part in bill["components"]:
        name = canonicalize_name(part["name"])
        references[part["bom-ref"]] = part["purl"]
        part["bom-ref"] = part["purl"]
        part["scope"] = "required" if name in runtime else "excluded"  # from what runs, not from the bill
        part.pop("description", None)  # the line of the lock, hashes and all, once more
        if name in licences:
            part["licenses"] = licences[name]
    bill["components"].sort(key=lambda part: part["purl"])
    bill["dependencies"] = [{"ref": references.get(one["ref"], one["ref"])} for one in bill["dependencies"]]
    bill["dependencies"].sort(key=lambda one: one["ref"])
    bill["metadata"]["component"]["bom-ref"] = "loket"
    return json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def installed_licences() -> Licences:
    """Of whatever is installed here; a package for another system is not."""
    bill = _cyclonedx("environment", sys.prefix)
    return {
        canonicalize_name(part["name"]): part["licenses"] for part in bill["components"] if "licenses" in part
    }


def _cyclonedx(*about: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *about]
    command += [
        "--output-reproducible",
        "--output-format",
        "JSON",
        "--spec-version",
        _VERSION,
        "--no-validate",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def check(text: str) -> None:
    """Raises: ValueError where it is no bill by CycloneDX's schema."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - two seconds of grammars, for each test process
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    fault = JsonStrictValidator(SchemaVersion.from_version(_VERSION)).validate_str(text)
    if fault is not None:
        raise ValueError(f"no CycloneDX {_VERSION}: {fault}")


def main() -> None:
    DIST.mkdir(exist_ok=True)
    licences = installed_licences()
    for name, locked in FILES.items():
        text = build(locked, licences)
        check(text)
        (DIST / name).write_text(text, encoding="utf-8")
        print(f"{DIST.name}/{name}: {len(lock.read(locked))} packages of {locked.name}")  # noqa: T201


if __name__ == "__main__":
    main()
