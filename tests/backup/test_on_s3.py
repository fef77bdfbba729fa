"""An office whose papers lie in a bucket is backed up and brought back, into another bucket or a folder."""

from pathlib import Path

import pytest

from tests.backup.conftest import Office, furnished
from tests.backup.test_verbs import copy, original
from tests.processes import verb
from tests.stores import S3, Bucket


@pytest.fixture
async def office(database_url: str, empty_url: str, tmp_path: Path, bucket: Bucket) -> Office:
    return await furnished(Office(database_url, empty_url, tmp_path, storage_url=bucket.url))


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_there_and_back_and_nothing_while_the_bucket_is_away(
    office: Office, bucket: Bucket, s3: S3
) -> None:
    office.elsewhere_url = s3.bucket().url
    with s3.away():
        ended, told = await verb("backup", str(office.folder / "none"), env=original(office))
    assert (ended, "cannot be reached (StorageAway)" in told) == (3, True), told
    assert not (office.folder / "none" / "manifest.json").exists()
    ended, told = await verb("backup", str(office.backup), env=original(office))
    assert (ended, "2 papers" in told) == (0, True), told
    copied = {path.read_bytes() for path in (office.backup / "papers").rglob("*") if path.is_file()}
    assert copied == set(bucket.files().values())
    ended, told = await verb("restore", str(office.backup), env=copy(office))
    assert (ended, "2 papers" in told) == (0, True), told
    brought = {key: await office.elsewhere.get(key) for key in bucket.files()}
    assert brought == bucket.files()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_from_a_bucket_into_a_folder_and_what_it_lacked_is_named(
    office: Office, bucket: Bucket
) -> None:
    bucket.overwrite("webchat/upload", b"rotten")
    manifest = await office.taken()
    assert dict(manifest.lacking) == {"webchat/upload": "damaged"}
    assert (await office.brought_back()).papers == 2
    assert {key: await office.elsewhere.get(key) for key in bucket.files()} == bucket.files()
