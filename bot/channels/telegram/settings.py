"""The settings of one Telegram bot: ``LOKET_TELEGRAM__…``."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from bot.channels.rotation import secrets_in

BOT_API = "https://api.telegram.org"
_SECRET_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


class TelegramSettings(BaseModel):
    """``secret_token`` is needed in mode ``webhook``; two with a comma between them are both taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr
    secret_token: SecretStr | None = None
    api_base: str = BOT_API
    mode: Literal["webhook", "polling"] = "webhook"
    identity: Literal["chat", "form", "operator"] = "chat"
    papers: Literal["chat", "form"] = "chat"

    @property
    def bot_id(self) -> int:
        return int(self.token.get_secret_value().partition(":")[0])

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        number, colon, rest = value.get_secret_value().partition(":")
        if not (number.isascii() and number.isdigit() and colon and rest and not any(map(str.isspace, rest))):
            raise ValueError("is not a bot token of the form 123456:ABC…")
        return value

    @field_validator("secret_token")
    @classmethod
    def _fits_the_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        for secret in secrets_in(value):
            if len(secret) > 256 or not _SECRET_LETTERS.issuperset(secret):
                raise ValueError("takes 1 to 256 of A-Z a-z 0-9 _ -")
        return value

    @field_validator("api_base")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("is not an http(s) address")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Self:
        if self.mode == "webhook" and self.secret_token is None:
            raise ValueError("secret_token is missing: a webhook without one would take forged updates")
        return self
