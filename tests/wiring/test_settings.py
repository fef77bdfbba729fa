"""Settings: complete, or one sentence that names the variable and repeats no value."""

from pathlib import Path

import pytest

from bot.reading import ocr
from wiring import cli
from wiring.limits import callers
from wiring.settings import Settings, SettingWrong, read_settings, unknown_names

WHATSAPP = {
    "LOKET_WHATSAPP__PHONE_NUMBER_ID": "106540352242922",
    "LOKET_WHATSAPP__WABA_ID": "102290129340398",
    "LOKET_WHATSAPP__ACCESS_TOKEN": "EAAGcanarycanarycanarycanary",
    "LOKET_WHATSAPP__APP_SECRET": "canary-secret",
    "LOKET_WHATSAPP__VERIFY_TOKEN": "canary-verify",
}
TELEGRAM = {"LOKET_TELEGRAM__TOKEN": "7042:AAcanary", "LOKET_TELEGRAM__SECRET_TOKEN": "canary-secret"}


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No ``.env`` and no ``LOKET_*`` but those the test sets."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in __import__("os").environ if name.startswith("LOKET_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def given(env: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        env.setenv(name, value)
    return read_settings()


def complaint(env: pytest.MonkeyPatch, **values: str) -> str:
    with pytest.raises(SettingWrong) as wrong:
        given(env, **values)
    return str(wrong.value)


def test_without_any_it_is_a_web_chat_on_sqlite(env: pytest.MonkeyPatch) -> None:
    settings = given(env)
    assert (settings.whatsapp, settings.telegram, settings.webchat.enabled) == (None, None, True)
    assert (settings.database_url, settings.storage_url) == ("sqlite://data/loket.db", "file://data/papers")
    assert settings.public_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("missing", sorted(WHATSAPP))
def test_half_a_channel_names_what_is_missing(env: pytest.MonkeyPatch, missing: str) -> None:
    told = complaint(env, **{name: value for name, value in WHATSAPP.items() if name != missing})
    assert told == f"{missing}: is missing, while others of its channel are set."


def test_a_telegram_webhook_without_a_secret_is_no_setting(env: pytest.MonkeyPatch) -> None:
    told = complaint(env, LOKET_TELEGRAM__TOKEN=TELEGRAM["LOKET_TELEGRAM__TOKEN"])
    assert told.startswith("LOKET_TELEGRAM")
    assert "secret_token is missing" in told
    assert "AAcanary" not in told
    polling = given(env, LOKET_TELEGRAM__MODE="polling")
    assert polling.telegram is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOKET_HTTP__PORT", "99999"),
        ("LOKET_HTTP__PORT", "canary"),
        ("LOKET_HTTP__PROT", "8080"),
        ("LOKET_DATABASE_URL", "mysql://canary"),
        ("LOKET_STORAGE_URL", "ftp://canary"),
        ("LOKET_PUBLIC_URL", "canary.example"),
        ("LOKET_PACING", "canary"),
        ("LOKET_LOG_LEVEL", "canary"),
        ("LOKET_GATHER_SECONDS", "-1"),
        ("LOKET_TELEGRAM__TOKEN", "canary"),
        ("LOKET_WHATSAPP__API_BASE", "canary"),
        ("LOKET_WHATSAPP__IDENTITY", "canary"),
        ("LOKET_WHATSAPP__TYPO", "canary"),
        ("LOKET_WEBCHAT__PER_MINUTE", "0"),
        ("LOKET_HTTP__TRUSTED_PROXIES", "10.0.0.1, canary"),
        ("LOKET_LIMITS__PAPERS_PER_DAY", "0"),
        ("LOKET_LIMITS__MEGABYTES_PER_DAY", "15"),
    ],
)
def test_nonsense_is_named_and_never_repeated(env: pytest.MonkeyPatch, name: str, value: str) -> None:
    told = complaint(env, **(WHATSAPP | TELEGRAM | {name: value}))
    assert told.startswith(f"{name}: ")
    assert told.count(".") <= 3
    assert "canary" not in told


def test_behind_a_proxy_that_nobody_named_no_address_is_told_from_another(env: pytest.MonkeyPatch) -> None:
    assert callers(given(env)) is not None
    assert callers(given(env, LOKET_PUBLIC_URL="https://loket.example")) is None
    assert callers(given(env, LOKET_HTTP__TRUSTED_PROXIES="127.0.0.1/32, ::1")) is not None


def test_a_variable_that_sets_nothing_is_known_by_name(env: pytest.MonkeyPatch) -> None:
    given(env, LOKET_HTTP__PORT="8081", LOKET_STORAGE="canary", LOKET_WHATSAP__WABA_ID="canary")
    assert unknown_names() == ["LOKET_STORAGE", "LOKET_WHATSAP__WABA_ID"]


def test_the_clock_is_for_tests_only(env: pytest.MonkeyPatch) -> None:
    told = complaint(env, LOKET_CLOCK="2026-11-24T01:00:00+00:00")
    assert told.startswith("LOKET_CLOCK: is for tests only")
    assert given(env, LOKET_ENV="test").clock is not None
    assert complaint(env, LOKET_CLOCK="2026-11-24T01:00:00").startswith("LOKET_CLOCK")


@pytest.mark.parametrize(
    "address", ["/run/clamd.ctl", "unix://clamd.ctl", "tcp://clamd", "tcp://clamd:canary"]
)
def test_a_scanner_has_an_address(env: pytest.MonkeyPatch, address: str) -> None:
    told = complaint(env, LOKET_CLAMD=address)
    assert told.startswith("LOKET_CLAMD: has to be") and "canary" not in told


@pytest.mark.parametrize("url", ["s3://", "s3:///canary", "s3://Canary Kantor/berkas"])
def test_a_store_on_s3_has_a_bucket(env: pytest.MonkeyPatch, url: str) -> None:
    assert complaint(env, LOKET_STORAGE_URL=url) == "LOKET_STORAGE_URL: has to be s3://BUCKET/PREFIX."
    assert given(env, LOKET_STORAGE_URL="s3://kantor").storage_url == "s3://kantor"


@pytest.mark.skipif(ocr.installed(), reason="it is installed here")
def test_ocr_without_its_libraries_ends_the_start(env: pytest.MonkeyPatch) -> None:
    assert complaint(env, LOKET_OCR="on") == (
        "LOKET_OCR: needs rapidocr and onnxruntime: run `make ocr`, or take it out."
    )
    assert given(env, LOKET_OCR="off").ocr == "off"


def test_two_secrets_may_be_valid_at_once_and_none_shows(env: pytest.MonkeyPatch) -> None:
    settings = given(env, **(WHATSAPP | TELEGRAM | {"LOKET_WHATSAPP__APP_SECRET": "canary-new,canary-old"}))
    assert settings.whatsapp is not None
    assert settings.whatsapp.app_secret.get_secret_value() == "canary-new,canary-old"
    assert "canary" not in repr(settings) + str(settings)


@pytest.mark.parametrize("verb", ["serve", "doctor", "migrate"])
def test_a_wrong_setting_ends_a_verb_with_two(
    env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    env.setenv("LOKET_WHATSAPP__APP_SECRET", "canary-secret")
    assert cli.main([verb]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("LOKET_WHATSAPP__")
    assert "canary" not in told.err
