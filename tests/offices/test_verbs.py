"""The verbs of a deployment with two offices."""

from pathlib import Path

import pytest

from models.database import close_database, open_database
from models.staff import Staff
from tests.offices import merauke
from tests.wiring.verbs import run

TELEGRAM = "LOKET_TELEGRAM__TOKEN=42:abcdefgh\nLOKET_TELEGRAM__SECRET_TOKEN=secret\n"


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    lines = "LOKET_PUBLIC_URL=https://merauke.test\n"
    return {
        "LOKET_ENV": "test",
        "LOKET_DATA_DIR": str(tmp_path),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_OFFICES": str(merauke.files_of(tmp_path, lines)),
    }


async def test_somebody_is_put_at_the_desk_of_one_office(env: dict[str, str]) -> None:
    here = await run("operator", "add", "Ani", "--role", "operator", env=env)
    there = await run("operator", "add", "Budi", "--role", "operator", "--office", "9301", env=env)
    nowhere = await run("operator", "add", "Cici", "--role", "operator", "--office", "1", env=env)
    assert (here.code, there.code, nowhere.code) == (0, 0, 2)
    assert "this deployment serves 5314, 9301" in nowhere.err
    await open_database(env["LOKET_DATABASE_URL"])
    try:
        assert {one.name: one.office_id for one in await Staff.all()} == {"Ani": 5314, "Budi": 9301}
    finally:
        await close_database()
    assert "Budi" not in (await run("operator", "list", env=env)).out
    assert "Budi" in (await run("operator", "list", "--office", "9301", env=env)).out
    assert (await run("operator", "remove", "Budi", env=env)).code == 1


async def test_doctor_looks_at_every_office(env: dict[str, str]) -> None:
    fine = await run("doctor", env=env)
    assert "office 5314 at http://127.0.0.1:8080, office 9301 at https://merauke.test" in fine.out
    assert "office 9301, webchat" in fine.out
    services = Path(env["LOKET_OFFICES"]) / "tambahan" / "services" / "surat_adat.yaml"
    services.write_text(services.read_text(encoding="utf-8") + "planted: 1\n", encoding="utf-8")
    wrong = await run("serve", env=env)
    assert wrong.code == 3
    assert "catalog check" in wrong.err


async def test_two_offices_do_not_share_a_bot(env: dict[str, str], tmp_path: Path) -> None:
    file = Path(env["LOKET_OFFICES"]) / "merauke.env"
    file.write_text(file.read_text(encoding="utf-8") + TELEGRAM, encoding="utf-8")
    ours = {"LOKET_TELEGRAM__TOKEN": "42:abcdefgh", "LOKET_TELEGRAM__SECRET_TOKEN": "secret"}
    wrong = await run("serve", env=env | ours)
    assert wrong.code == 2
    assert "LOKET_TELEGRAM: office 9301 has the account of another." in wrong.err
