"""What the doctor says of the scanner for malware, where one is set."""

from pathlib import Path

from tests.fakes.clamd import VERSION, FakeClamd
from wiring.doctor import examine
from wiring.settings import Settings


async def said(tmp_path: Path, clamd: str) -> list[tuple[bool, str]]:
    settings = Settings(_env_file=None, env="test", data_dir=tmp_path, clamd=clamd)
    return [(one.ok, one.detail) async for one in examine(settings) if one.name == "malware scanner"]


async def test_the_doctor_asks_it(tmp_path: Path) -> None:
    assert await said(tmp_path, "") == []
    async with FakeClamd().on_port() as address:
        assert await said(tmp_path, address) == [(True, VERSION)]
    async with FakeClamd(version="ClamAV 1.4.6").on_port() as address:
        ((fine, detail),) = await said(tmp_path, address)
        assert not fine and detail == "ClamAV 1.4.6 has no signatures of ClamAV: run freshclam"
    ((fine, detail),) = await said(tmp_path, address)
    assert not fine and detail.startswith("does not answer")
