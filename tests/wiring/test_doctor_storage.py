"""What the doctor says of the place where papers lie."""

from contextlib import aclosing
from pathlib import Path

import pytest

from tests.stores import Bucket
from wiring.doctor import examine
from wiring.settings import Settings


async def said(tmp_path: Path, storage_url: str) -> tuple[bool, str]:
    settings = Settings(_env_file=None, env="test", data_dir=tmp_path, storage_url=storage_url)
    async with aclosing(examine(settings)) as findings:
        return next(iter([(one.ok, one.detail) async for one in findings if one.name == "storage"]))


async def test_the_doctor_tries_a_bucket_and_says_what_to_look_at(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await said(tmp_path, bucket.url) == (True, "")
    assert bucket.files() == {}
    fine, told = await said(tmp_path, "s3://nobodys/berkas")
    assert not fine and told.startswith("cannot be written and read (no such bucket): look at the bucket's")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    fine, told = await said(tmp_path, bucket.url)
    assert not fine and "(GenericError)" in told and "AWS_ALLOW_HTTP=true for http://" in told
    monkeypatch.setenv("AWS_ENDPOINT", "https://127.0.0.1:9")
    fine, told = await said(tmp_path, bucket.url)
    assert not fine and "AWS_ENDPOINT" in told and "rahasia" not in told
