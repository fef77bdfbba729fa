"""Everything that differs between two installations: ``LOKET_*`` in the environment or ``.env``."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.messenger.settings import MessengerSettings
from bot.channels.sms.settings import SmsSettings
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.webchat.settings import WebChatSettings
from bot.channels.whatsapp.settings import WhatsAppSettings

BEGINNINGS: Final = {
    "database_url": ("sqlite://", "postgres://", "postgresql://"),
    "storage_url": ("file://", "s3://"),
    "public_url": ("https://", "http://"),
}


class SettingWrong(Exception):
    """A setting is missing or makes no sense; the text names the variable, and never repeats a value."""


class HttpSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class Settings(BaseSettings):
    """A channel is on when its settings are complete; half a set is an error that names what is missing."""

    model_config = SettingsConfigDict(
        env_prefix="LOKET_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    env: Literal["production", "test"] = "production"
    data_dir: Path = Path("data")
    database_url: str = ""
    storage_url: str = ""
    public_url: str = ""
    office: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pacing: Literal["on", "off"] = "on"
    clock: datetime | None = None
    gather_seconds: float = Field(default=1.5, ge=0, le=10)  # quiet after the last photo of a burst
    lease_seconds: float = Field(default=45, gt=0)  # after it, what a dead replica held is taken up
    tick_seconds: float = Field(default=15, gt=0, le=60)
    http: HttpSettings = HttpSettings()
    whatsapp: WhatsAppSettings | None = None
    messenger: MessengerSettings | None = None
    telegram: TelegramSettings | None = None
    sms: SmsSettings | None = None
    webchat: WebChatSettings = WebChatSettings()

    @field_validator("clock")
    @classmethod
    def _is_for_tests(cls, value: datetime | None, about: ValidationInfo) -> datetime | None:
        if value is not None and (about.data.get("env") != "test" or value.tzinfo is None):
            raise ValueError("is for tests only (LOKET_ENV=test), an ISO time with a zone")
        return value

    @field_validator("database_url", "storage_url", "public_url")
    @classmethod
    def _begins_well(cls, value: str, about: ValidationInfo) -> str:
        known = BEGINNINGS[about.field_name or ""]
        if value and not value.startswith(known):
            raise ValueError(f"has to begin with {' or '.join(known)}")
        return value

    def model_post_init(self, _: Any) -> None:
        """What follows from other settings, once."""
        late: dict[str, str] = {
            "database_url": self.database_url or f"sqlite://{self.data_dir}/loket.db",
            "storage_url": self.storage_url or f"file://{self.data_dir}/papers",
            "public_url": self.public_url.rstrip("/") or f"http://{self.http.host}:{self.http.port}",
        }
        for name, value in late.items():
            object.__setattr__(self, name, value)


def read_settings() -> Settings:
    """Raises: SettingWrong, with one sentence that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingWrong(f"{_variable(first['loc'])}: {_cause(first)}.") from None


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
        return "is missing, while others of its channel are set"
    if error["type"] == "extra_forbidden":
        return "is no setting"
    text: str = error["msg"].removeprefix("Value error, ")
    return text[0].lower() + text[1:]
