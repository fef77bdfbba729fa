"""The bill of materials names what the lock names, and is the same each time."""

import json
from pathlib import Path

import pytest

from tests.supply import lock, sbom

# Locked for Windows and not installed here; and one whose licence is no word that the tool knows.
UNTOLD = {"colorama", "pypdfium2"}


@pytest.fixture(scope="module")
def licences() -> sbom.Licences:
    return sbom.installed_licences()


def parts_of(text: str) -> dict[str, lock.Locked]:
    found = {}
    for part in json.loads(text)["components"]:
        hashes = {one["content"] for link in part["externalReferences"] for one in link["hashes"]}
        found[part["name"]] = lock.Locked(part["name"], part["version"], frozenset(hashes))
    return found


@pytest.mark.parametrize("file", [lock.RUNTIME, lock.DEVELOPMENT], ids=lambda file: file.name)
def test_each_package_stands_with_version_hashes_and_licence(file: Path, licences: sbom.Licences) -> None:
    text = sbom.build(file, licences)
    locked = lock.read(file)
    assert parts_of(text) == locked
    assert all(one.hashes for one in locked.values())
    parts = json.loads(text)["components"]
    assert {part["name"] for part in parts if "licenses" not in part} <= UNTOLD
    required = {part["name"] for part in parts if part["scope"] == "required"}
    assert required == set(lock.read(lock.RUNTIME))


def test_it_is_cyclonedx_and_says_nothing_of_when_it_was_made(licences: sbom.Licences) -> None:
    text = sbom.build(lock.RUNTIME, licences)
    sbom.check(text)
    assert text == sbom.build(lock.RUNTIME, licences)
    assert "serialNumber" not in text and "timestamp" not in text
    with pytest.raises(ValueError, match=r"no CycloneDX 1\.6"):
        sbom.check(text.replace('"type": "library"', '"type": "thing"', 1))


def test_a_line_that_pins_nothing_is_no_lock(tmp_path: Path) -> None:
    loose = tmp_path / "requirements.txt"
    loose.write_text("aiohttp>=3\n")
    with pytest.raises(ValueError, match="aiohttp>=3"):
        lock.read(loose)
