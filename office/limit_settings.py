"""How much is too much, as an office may set it."""

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """``LOKET_LIMITS__…``: of one sender but for the last four, which are of one address on the internet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages_per_minute: int = Field(default=20, ge=1)
    papers_per_day: int = Field(default=30, ge=1)
    requests_per_day: int = Field(default=5, ge=1)
    megabytes_per_day: int = Field(default=50, ge=16)  # the largest file fits
    strangers: int = Field(default=5, ge=2)  # see `office.senders`
    village_rows_per_day: int = Field(default=10_000, ge=1)  # that become requests, of one village head
    address_posts_per_minute: int = Field(default=60, ge=1)
    address_uploads_per_minute: int = Field(default=600, ge=1)
    address_newcomers_per_minute: int = Field(default=20, ge=1)
    address_misses_per_hour: int = Field(default=100, ge=10)
