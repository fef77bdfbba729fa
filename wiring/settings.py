"""Everything that differs between two installations: ``LOKET_*`` in the environment or ``.env``."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.callers import networks
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.sms.settings import SmsSettings
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.webchat.settings import WebChatSettings
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.reading import ocr
from office.limit_settings import Limits

BEGINNINGS: Final = {
    "database_url": ("sqlite://", "postgres://", "postgresql://"),
    "storage_url": ("file://", "s3://"),
    "clamd": ("unix:///", "tcp://"),
    "public_url": ("https://", "http://"),
}


_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(/|$)")


class SettingWrong(Exception):
    """A setting is missing or makes no sense; the text names the variable, and never repeats a value."""


def _begins_well(value: str, about: ValidationInfo) -> str:
    known = BEGINNINGS[about.field_name or ""]
    if value and not value.startswith(known):
        raise ValueError(f"has to begin with {' or '.join(known)}")
    return value


def _host_and_port(value: str) -> bool:
    try:
        address = urlsplit(value)
        return bool(address.hostname and address.port)
    except ValueError:
        return False


class HttpSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    trusted_proxies: str = ""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        try:
            networks(value)
        except ValueError:
            raise ValueError("has to be addresses or networks (CIDR), joined by commas") from None
        return value


class OfficeSettings(BaseSettings):
    """What an office has of its own: its file, its address and its channels.

    A channel is on when its settings are complete; half a set is an error that names what is missing.
    """

    model_config = SettingsConfigDict(
        env_prefix="LOKET_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    public_url: str = ""
    office: Path | None = None
    whatsapp: WhatsAppSettings | None = None
    messenger: MessengerSettings | None = None
    telegram: TelegramSettings | None = None
    sms: SmsSettings | None = None
    webchat: WebChatSettings = WebChatSettings()
    limits: Limits = Limits()

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str, about: ValidationInfo) -> str:
        return _begins_well(value, about).rstrip("/")


class Settings(OfficeSettings):
    """The settings of the process and of its first office; others' stand in the folder ``offices``."""

    env: Literal["production", "test"] = "production"
    data_dir: Path = Path("data")
    database_url: str = ""
    storage_url: str = ""
    keys_file: str = ""
    offices: Path | None = None
    clamd: str = ""
    ocr: Literal["on", "off"] = "off"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pacing: Literal["on", "off"] = "on"
    clock: datetime | None = None
    gather_seconds: float = Field(default=1.5, ge=0, le=10)  # quiet after the last photo of a burst
    lease_seconds: float = Field(default=45, gt=0)  # after it, what a dead replica held is taken up
    tick_seconds: float = Field(default=15, gt=0, le=60)
    http: HttpSettings = HttpSettings()

    @field_validator("clock")
    @classmethod
    def _is_for_tests(cls, value: datetime | None, about: ValidationInfo) -> datetime | None:
        if value is not None and (about.data.get("env") != "test" or value.tzinfo is None):
            raise ValueError("is for tests only (LOKET_ENV=test), an ISO time with a zone")
        return value

    @field_validator("database_url", "storage_url", "clamd")
    @classmethod
    def _is_a_place(cls, value: str, about: ValidationInfo) -> str:
        return _begins_well(value, about)

    @field_validator("ocr")
    @classmethod
    def _is_installed(cls, value: str) -> str:
        if value == "on" and not ocr.installed():
            raise ValueError("needs rapidocr and onnxruntime: run `make ocr`, or take it out")
        return value

    @field_validator("storage_url")
    @classmethod
    def _names_a_bucket(cls, value: str) -> str:
        if value.startswith("s3://") and _BUCKET.match(value) is None:
            raise ValueError("has to be s3://BUCKET/PREFIX")
        return value

    @field_validator("clamd")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        if value.startswith("tcp://") and not _host_and_port(value):
            raise ValueError("has to be tcp://HOST:PORT")
        return value

    def model_post_init(self, _: Any) -> None:
        """What follows from other settings, once."""
        late: dict[str, str] = {
            "database_url": self.database_url or f"sqlite://{self.data_dir}/loket.db",
            "storage_url": self.storage_url or f"file://{self.data_dir}/papers",
            "keys_file": self.keys_file or str(self.data_dir / "keys.json"),
            "public_url": self.public_url or f"http://{self.http.host}:{self.http.port}",
        }
        for name, value in late.items():
            object.__setattr__(self, name, value)


def read_settings() -> Settings:
    """Raises: SettingWrong, with one sentence that names the variable."""
    with _wrong_in(""):
        return Settings()


class _OfOneFile(OfficeSettings):
    """An office beside the first: what its file says and nothing else, for the environment is the first's."""

    model_config = SettingsConfigDict(extra="forbid")

    public_url: str
    office: Path | None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (dotenv_settings,)


def read_offices(folder: Path | None) -> list[OfficeSettings]:
    """The offices beside the first: one in each ``*.env`` of the folder, in the order of their names.

    The names are those of the environment; a path is seen from the file.
    Raises: SettingWrong, with one sentence that names the file and the variable.
    """
    if folder is not None and not folder.is_dir():
        raise SettingWrong("LOKET_OFFICES: is no folder.")
    found: list[OfficeSettings] = []
    for file in sorted(folder.glob("*.env")) if folder is not None else ():
        with _wrong_in(f"{file}: "):
            one = _OfOneFile(_env_file=file)  # type: ignore[call-arg] # pydantic-settings takes it, extra or not
        found.append(one.model_copy(update={"office": file.parent / (one.office or "")}))
    return found


@contextmanager
def _wrong_in(place: str) -> Iterator[None]:
    """Raises: SettingWrong."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingWrong(f"{place}{_variable(first['loc'])}: {_cause(first)}.") from None


def unknown_names() -> list[str]:
    """Variables that begin like ours and set nothing: a typo would go unnoticed."""
    known = [f"LOKET_{name}".upper() for name in Settings.model_fields]
    return sorted(
        name
        for name in os.environ
        if name.startswith("LOKET_")
        and not any(name.upper() == one or name.upper().startswith(f"{one}__") for one in known)
    )


def _variable(place: tuple[int | str, ...]) -> str:
    return "LOKET_" + "__".join(str(part) for part in place).upper()


def _cause(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing" + (", while others of its channel are set" if len(error["loc"]) > 1 else "")
    if error["type"] == "extra_forbidden":
        return "is no setting"
    text: str = error["msg"].removeprefix("Value error, ")
    return text[0].lower() + text[1:]
