"""The settings of one gateway: ``LOKET_SMS__…``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SmsSettings(BaseModel):
    """``signing_key`` may be two, separated by a comma, while one replaces the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https?://.*[^/]$")  # of the API: https://api.sms-gate.app/3rdparty/v1
    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    signing_key: SecretStr = Field(min_length=1)
    number: str = Field(pattern=r"^\+\d{8,15}$")  # the SIM's own, where people write to
    country: str = Field(default="62", pattern=r"^\d{1,3}$")  # of a sender written 08…
    identity: Literal["chat", "form", "operator"] = "form"
    papers: Literal["chat", "form"] = "form"
