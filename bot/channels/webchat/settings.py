"""The settings of the web chat: ``LOKET_WEBCHAT__…``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class WebChatSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    identity: Literal["chat", "form", "operator"] = "chat"
    papers: Literal["chat", "form"] = "chat"
    per_minute: int = Field(default=60, ge=1)  # messages of one browser
