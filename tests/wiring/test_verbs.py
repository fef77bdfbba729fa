"""The verbs of run.py, in this process and as processes of their own: what each prints and how it ends."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import wall_clock
from bot.quarantine import Aside, Quarantine
from models.console import ConsoleAccount
from models.database import close_database, open_database
from models.quarantine import Reason
from models.staff import Staff
from office import templates
from office.context import open_office
from office.words import LANGUAGES
from tests.fakes import FakeBotApi, FakeGraph
from tests.telegram_phone import TelegramPhone
from tests.wiring.verbs import ROOT, Ended, run, run_from_the_start
from wiring import cli, lock


def env_of(folder: Path, database_url: str) -> dict[str, str]:
    return {"LOKET_ENV": "test", "LOKET_DATA_DIR": str(folder), "LOKET_DATABASE_URL": database_url}


# ---------------------------------------------------------------------- in this process


def verb(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ended:
    code = cli.main(list(arguments))
    told = capsys.readouterr()
    return Ended(code, told.out.strip(), told.err.strip())


def test_nik_says_how_the_office_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(capsys, "nik", "5314015506900001") == Ended(0, "accept", "")
    unusual = verb(capsys, "nik", "5314015513900001")
    assert unusual.code == 0
    assert unusual.out.startswith("confirm ")
    short = verb(capsys, "nik", "531401550690001")
    assert short.code == 1
    assert short.out == "reject panjang_15"


def test_phone_gives_e164_or_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(capsys, "phone", "0812-3456-7890") == Ended(0, "+6281234567890", "")
    wrong = verb(capsys, "phone", "12")
    assert wrong.code == 1
    assert wrong.out
    assert " " not in wrong.out.strip()


def test_catalog_check_names_file_line_and_cause(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert verb(capsys, "catalog", "check") == Ended(0, "ok", "")
    good = ROOT / "catalog" / "services" / "ktp_hilang.yaml"
    planted = tmp_path / good.name
    lines = good.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("group:"))
    lines[place] = "group: bukan_kelompok"
    planted.write_text("\n".join(lines), encoding="utf-8")
    found = verb(capsys, "catalog", "check", str(planted))
    assert found.code == 1
    assert re.search(rf"{good.name}:{place + 1}: .+", found.out)


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["serve", "--role", "cook"], ["serve", "extra"], ["nik"], ["operator", "add", "Ani"],
     ["operator", "add", "Ani", "--role", "king"], ["host", "no_colon"], ["host", "no_such_module:x"],
     ["host", "json:dumps_not"]],
)  # fmt: skip
def test_wrong_usage_ends_with_two(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = verb(capsys, *arguments)
    assert ended.code == 2
    assert ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize("arguments", [["--help"], ["operator", "--help"], ["serve", "--help"]])
def test_help_is_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert cli.main(arguments) == 0
    assert "Usage" in capsys.readouterr().out


def test_one_process_a_sqlite_database(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/loket.db"
    held = lock.hold(url)
    assert held is not None
    with pytest.raises(lock.AlreadyServed):
        lock.hold(url)
    assert lock.hold(f"sqlite://{tmp_path}/other.db") is not None
    lock.release(held)
    again = lock.hold(url)
    assert again is not None
    lock.release(again)
    assert lock.hold("postgres://localhost/loket") is None


# ---------------------------------------------------------------------- as processes


async def test_help_needs_no_database_and_is_quick(tmp_path: Path) -> None:
    ended = await run_from_the_start("--help", env=env_of(tmp_path, "postgres://nowhere.invalid/x"))
    assert ended.code == 0
    for word in ("serve", "migrate", "operator", "doctor", "catalog", "nik", "phone", "host"):
        assert word in ended.out


async def test_a_village_gets_a_head(database_url: str, tmp_path: Path) -> None:
    env = env_of(tmp_path, database_url)
    added = await run("village", "add", "desa oelua", "--head", "Yusuf Adoe", env=env)
    assert added.code == 0, added.err
    assert "Yusuf Adoe  Desa Oelua (Kec. Loaholu)" in added.out and re.search(r"/masuk \S{6,}", added.out)
    assert "Desa Oelua" in (await run("village", "list", env=env)).out
    assert (await run("operator", "list", env=env)).out == ""
    again = await run("operator", "code", "Yusuf Adoe", "--console", env=env)
    assert "/masuk " in again.out and "/console" not in again.out
    for name, likely in (
        ("Oelu", "Desa Oelua (Kec. Loaholu)"),
        ("Atlantis", "Tidak ada desa atau kelurahan"),
    ):
        unknown = await run("village", "add", name, "--head", "Marten", env=env)
        assert unknown.code == 1 and likely in unknown.err
    gone = await run("operator", "remove", "Yusuf Adoe", env=env)
    assert gone.code == 0 and (await run("village", "list", env=env)).out == ""


async def test_staff_come_and_go(database_url: str, tmp_path: Path) -> None:
    env = env_of(tmp_path, database_url)
    added = await run("operator", "add", "Ani Ndun", "--role", "operator", env=env)
    assert added.code == 0, added.err
    assert re.search(r"/masuk \S{6,}", added.out)
    assert "Ani Ndun" in (await run("operator", "list", env=env)).out
    again = await run("operator", "code", "ani ndun", env=env)
    assert re.search(r"/masuk \S{6,}", again.out)
    for told in (added, again):
        assert re.search(r"http://127\.0\.0\.1:\d+/console/mulai/[\w-]{43}$", told.out, re.MULTILINE)
    await open_database(database_url)
    ani = await Staff.get(name="Ani Ndun")
    await ConsoleAccount.create(
        office_id=ani.office_id,
        staff=ani,
        password_hash="",
        totp_secret="",
        totp_step=0,
        created_at=wall_clock(),
    )
    await close_database()
    assert "/console/" not in (await run("operator", "code", "ani ndun", env=env)).out  # it has its way in
    assert "/console/mulai/" in (await run("operator", "code", "ani ndun", "--console", env=env)).out
    assert (await run("operator", "code", "Nobody", env=env)).code == 1
    gone = await run("operator", "remove", "Ani Ndun", env=env)
    assert (gone.code, "Ani Ndun" in gone.out) == (0, True)
    assert (await run("operator", "list", env=env)).out == ""
    unknown = await run("operator", "remove", "Nobody", env=env)
    assert unknown.code == 1
    assert "bernama Nobody." in unknown.err  # without the markup of a chat
    await open_database(database_url)
    try:
        assert await Staff.all().count() == 1  # kept, for the journal
        assert await ConsoleAccount.all().count() == 0
    finally:
        await close_database()


async def test_what_we_write_nobody_else_on_the_machine_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    env = env_of(tmp_path, f"sqlite://{folder}/loket.db") | {"LOKET_STORAGE_URL": f"file://{folder}/papers"}
    assert (await run_from_the_start("migrate", env=env)).code == 0
    assert (await run_from_the_start("doctor", env=env)).code == 0
    written = [folder, *folder.rglob("*")]
    assert len(written) > 2
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


async def test_a_second_process_on_the_same_sqlite_database_cannot_start(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/loket.db"
    held = lock.hold(url)
    assert held is not None
    try:
        ended = await run("serve", env=env_of(tmp_path, url) | {"LOKET_HTTP__PORT": "0"})
    finally:
        lock.release(held)
    assert ended.code == 3
    assert "already serves" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("role", ["web", "worker", "clock"])
async def test_sqlite_is_not_shared_by_roles(tmp_path: Path, role: str) -> None:
    env = env_of(tmp_path, f"sqlite://{tmp_path}/loket.db") | {"LOKET_HTTP__PORT": "0"}
    ended = await run("serve", "--role", role, env=env)
    assert ended.code == 3
    assert "SQLite is served by one process" in ended.err
    assert "Traceback" not in ended.err


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = env_of(tmp_path, f"sqlite://{tmp_path}/loket.db") | {"LOKET_HTTP__PORT": port}
        ended = await run("serve", env=env)
    assert ended.code == 3
    assert f"port {port}" in ended.err
    assert "LOKET_HTTP__PORT" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_postgresql_schema_that_is_behind_is_not_served(empty_url: str, tmp_path: Path) -> None:
    env = env_of(tmp_path, empty_url) | {"LOKET_HTTP__PORT": "0"}
    refused = await run("serve", env=env)
    assert refused.code == 3
    assert "migrate" in refused.err
    brought_up = await run("migrate", env=env)
    assert (brought_up.code, brought_up.out.startswith("applied: ")) == (0, True)
    assert (await run("migrate", env=env)).out == "nothing to apply\n"


async def test_a_database_that_cannot_be_reached_is_a_sentence(tmp_path: Path) -> None:
    for arguments in (("serve",), ("operator", "list"), ("migrate",)):
        ended = await run(*arguments, env=env_of(tmp_path, "postgres://u:canary@127.0.0.1:1/none"))
        assert ended.code == 3, (arguments, ended)
        assert "Traceback" not in ended.err
        assert "canary" not in ended.err


@pytest.fixture
async def providers() -> AsyncIterator[tuple[FakeGraph, FakeBotApi]]:
    async with FakeGraph() as graph, FakeBotApi() as telegram:
        yield graph, telegram


async def test_doctor_finds_what_is_wrong(
    database_url: str, tmp_path: Path, providers: tuple[FakeGraph, FakeBotApi]
) -> None:
    graph, telegram = providers
    env = env_of(tmp_path, database_url) | {
        "LOKET_WHATSAPP__PHONE_NUMBER_ID": graph.phone_number_id,
        "LOKET_WHATSAPP__WABA_ID": graph.waba_id,
        "LOKET_WHATSAPP__ACCESS_TOKEN": graph.access_token,
        "LOKET_WHATSAPP__APP_SECRET": "secret",
        "LOKET_WHATSAPP__VERIFY_TOKEN": "verify",
        "LOKET_WHATSAPP__API_BASE": graph.base_url,
        "LOKET_TELEGRAM__TOKEN": telegram.token,
        "LOKET_TELEGRAM__MODE": "polling",
        "LOKET_TELEGRAM__API_BASE": telegram.base_url,
    }
    await TelegramPhone(telegram).says("halo")  # or it would listen for seconds whether anything comes
    found = await run("doctor", env=env)
    assert (found.code, "FAIL" in found.out) == (0, False), found
    assert "whatsapp: templates  0 of" in found.out
    typo = await run("doctor", env=env | {"LOKET_STORAGE": "canary"})
    assert "without effect: LOKET_STORAGE\n" in typo.out
    assert "canary" not in typo.out + typo.err
    assert re.search(r"^ok    set aside in the last 7 days +nothing", found.out, re.MULTILINE)
    wrong = await run("doctor", env=env | {"LOKET_WHATSAPP__ACCESS_TOKEN": "EAAGcanarycanarycanarycanary"})
    assert wrong.code == 1
    assert re.search(r"^FAIL  whatsapp: ", wrong.out, re.MULTILINE)
    assert re.search(r"^ok    database", wrong.out, re.MULTILINE)
    assert "canary" not in wrong.out + wrong.err


async def test_doctor_tells_of_messages_for_a_number_that_is_not_ours(
    database_url: str, tmp_path: Path
) -> None:
    env = env_of(tmp_path, database_url)
    await open_database(database_url)
    office_id = open_office().office_id
    try:
        aside = [Aside(Reason.FOREIGN_ACCOUNT, b"{}"), Aside(Reason.NOT_JSON, b"")]
        await Quarantine(lambda *_: office_id, wall_clock).keep("whatsapp", "1", aside)
    finally:
        await close_database()
    found = await run("doctor", env=env)
    assert found.code == 1
    told = "whatsapp foreign_account 1, whatsapp not_json 1"
    assert re.search(rf"^FAIL  set aside in the last 7 days +{told}", found.out, re.MULTILINE), found.out


async def test_templates_are_asked_for_and_what_is_wrong_with_them_is_told(
    database_url: str, tmp_path: Path, providers: tuple[FakeGraph, FakeBotApi]
) -> None:
    graph, _ = providers
    env = env_of(tmp_path, database_url) | {
        "LOKET_WHATSAPP__PHONE_NUMBER_ID": graph.phone_number_id,
        "LOKET_WHATSAPP__WABA_ID": graph.waba_id,
        "LOKET_WHATSAPP__ACCESS_TOKEN": graph.access_token,
        "LOKET_WHATSAPP__APP_SECRET": "secret",
        "LOKET_WHATSAPP__VERIFY_TOKEN": "verify",
        "LOKET_WHATSAPP__API_BASE": graph.base_url,
    }
    assert "templates sync" in (await run("templates", env=env)).out
    for template in templates.all_templates():
        for language in LANGUAGES:
            graph.register_template(template.name, template.body.in_language(language), language=language)
    good = await run("templates", "sync", env=env)
    assert (good.code, "FAIL" in good.out) == (0, False), good
    graph.templates["loket_complete", "id"].status = "PAUSED"
    graph.templates["loket_complete", "en"].category = "MARKETING"
    del graph.templates["loket_ready_for_pickup", "en"]
    wrong = await run("templates", "sync", env=env)
    assert wrong.code == 1
    assert "FAIL  whatsapp: template loket_complete (id)  paused" in wrong.out
    assert "FAIL  whatsapp: template loket_complete (en)  recategorised" in wrong.out
    assert (await run("doctor", env=env)).code == 1
    shown = (await run("templates", env=env)).out
    assert "loket_complete  id  UTILITY  PAUSED  paused" in shown
    assert "loket_ready_for_pickup  en  UTILITY  MISSING  missing" in shown
