"""The settings of one Facebook Page: ``LOKET_MESSENGER__…``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

GRAPH = "https://graph.facebook.com"
GRAPH_VERSION = "v25.0"  # 2026-02-18 to 2028-07-29; Meta, "Graph API changelog"


class MessengerSettings(BaseModel):
    """``app_secret`` and ``verify_token`` may be two, separated by a comma, while one replaces the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_id: str = Field(min_length=1, max_length=64)
    access_token: SecretStr = Field(min_length=1)  # the Page's own, not a person's
    app_secret: SecretStr = Field(min_length=1)
    verify_token: SecretStr = Field(min_length=1)
    api_base: str = GRAPH
    api_version: str = GRAPH_VERSION
    identity: Literal["chat", "form", "operator"] = "form"  # Meta's policy: no ID numbers in the chat
    papers: Literal["chat", "form"] = "chat"

    @field_validator("api_base")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("is not an http(s) address")
        return value.rstrip("/")
