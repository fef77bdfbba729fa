"""The verbs of a deployment with two offices."""

from pathlib import Path

import pytest

from bot.freeze import DOUBTFUL
from models.contacts import Contact
from models.database import close_database, open_database
from models.outbox import Freeze, OutboxKind, OutboxMessage, OutboxState
from models.staff import Staff
from tests.core.channel import NOW
from tests.fakes import FakeGraph
from tests.flows.counter import submit_templates
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


async def test_a_release_lets_every_office_speak(env: dict[str, str]) -> None:
    await open_database(env["LOKET_DATABASE_URL"])
    await Freeze.create(taken_at=NOW, restored_at=NOW, settled_at=NOW)
    for office_id in (5314, merauke.OFFICE_ID):
        contact = await Contact.create(office_id=office_id, created_at=NOW)
        await OutboxMessage.create(
            office_id=office_id,
            contact_id=contact.id,
            channel="webchat",
            account="web",
            kind=OutboxKind.REPLY,
            name="sendMessage",
            payload="{}",
            state=OutboxState.UNKNOWN,
            failure=DOUBTFUL,
            due_at=NOW,
            created_at=NOW,
        )
    await close_database()
    released = await run("release", "--also-doubtful", env=env)
    assert (released.code, "2 messages go out now" in released.out) == (0, True)
    await open_database(env["LOKET_DATABASE_URL"])
    try:
        assert {row.state for row in await OutboxMessage.all()} == {OutboxState.QUEUED}
    finally:
        await close_database()


async def test_templates_are_asked_after_at_every_office(env: dict[str, str]) -> None:
    async with FakeGraph(phone_number_id="930100000000001", waba_id="930100000000002") as graph:
        submit_templates(graph)
        file = Path(env["LOKET_OFFICES"]) / "merauke.env"
        lines = {
            "PHONE_NUMBER_ID": graph.phone_number_id,
            "WABA_ID": graph.waba_id,
            "ACCESS_TOKEN": graph.access_token,
            "APP_SECRET": graph.app_secret,
            "VERIFY_TOKEN": "verify",
            "API_BASE": graph.base_url,
        }
        settings = "".join(f"LOKET_WHATSAPP__{name}={value}\n" for name, value in lines.items())
        file.write_text(file.read_text(encoding="utf-8") + settings, encoding="utf-8")
        for _ in range(2):  # what was written down is found again
            asked = await run("templates", "sync", env=env)
            assert (asked.code, asked.err) == (0, "")
            assert "office 9301, whatsapp: templates" in asked.out
        assert f"whatsapp  {graph.phone_number_id}" in (await run("templates", env=env)).out
