"""The server against the client that others use: tus-js-client, over a line that breaks."""

import asyncio
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from yarl import URL

from models.files import StoredFile
from models.requests import Paper
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import settled
from tests.patience import PATIENCE
from tests.uploads.bad_line import BadLine
from tests.uploads.page import opened

PEER = Path(__file__).parent / "peer"
CACHE = Path(__file__).parents[2] / ".cache" / "tus-js-client"
PHOTO = pictures.jpeg(3, width=2400, height=1800)


@pytest.fixture(scope="session")
def sender() -> Path:
    """The script beside its locked packages; where it cannot be had the test says so and is left out."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NO NODE HERE: tus-js-client was not tried against the server")
    lock = (PEER / "package-lock.json").read_bytes()
    place = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (place / "node_modules").is_dir():
        shutil.copytree(PEER, place, dirs_exist_ok=True)
        fetch = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(fetch, cwd=place, check=False).returncode:
            shutil.rmtree(place)
            pytest.skip("NPM FETCHED NOTHING: tus-js-client was not tried against the server")
    shutil.copy(PEER / "send.js", place)
    return place / "send.js"


@pytest.mark.parametrize("piece", ["", "40000"])
async def test_tus_js_client_brings_a_file_whole(
    counter: Counter, sender: Path, tmp_path: Path, piece: str
) -> None:
    (tmp_path / "photo").write_bytes(PHOTO)
    office = URL(counter.url).port
    assert office is not None
    async with (
        opened(counter, counter.citizen()) as page,
        BadLine(office, 11, cuts=4, least=2_000, most=len(PHOTO) // 3) as line,
    ):
        line.breaks()
        uploads = f"http://127.0.0.1:{line.port}{URL(page.url).path}/uploads"
        node = await asyncio.create_subprocess_exec(
            "node", str(sender), uploads, "kk", str(tmp_path / "photo"), *filter(None, [piece]),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, trouble = await asyncio.wait_for(node.communicate(), PATIENCE)
        (tmp_path / "photo").unlink()
        assert (node.returncode, trouble.decode()) == (0, "")
        upload = page.url + out.decode().strip().partition(URL(page.url).path)[2]
        assert await page.come(upload) == (200, len(PHOTO))
    assert len(line.broke_at) == 4
    assert line.sent_again() == []
    await settled(counter)
    assert (await StoredFile.get()).sent_sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert await Paper.all().count() == 1
