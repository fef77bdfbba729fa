"""Where somebody writes from, in words that the person recognises and nobody else can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.contacts import Address
from office.phone import PhoneUnreadable, to_e164
from office.words import SentenceMissing, plain

SHOWN = 3  # last digits of a number


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation of a contact: its channel, and the last digits of the number if it has one."""

    channel: str
    account: str
    ending: str = ""

    @classmethod
    async def of(cls, contact_id: int, channel: str, account: str) -> Place:
        here = Address.filter(contact_id=contact_id, channel=channel, account=account).order_by("id")
        endings = (_ending(address.value) for address in await here)
        return cls(channel, account, next(filter(None, endings), ""))

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Place:
        return cls(facts["channel"], facts["account"], facts["ending"])

    @property
    def facts(self) -> dict[str, str]:
        return {"channel": self.channel, "account": self.account, "ending": self.ending}

    def words(self, language: str | None = None) -> str:
        """The channel and how the number ends, ``… (nomor berakhiran 890)``.  No markup."""
        name = channel_name(self.channel, language)
        if not self.ending:
            return name
        return plain("place-with-number", language, channel=name, ending=self.ending)


def channel_name(channel: str, language: str | None = None) -> str:
    """What people call the channel; one that no sentence names yet is called by its own name."""
    try:
        return plain(f"channel-{channel}", language)
    except SentenceMissing:
        return channel


def _ending(value: str) -> str:
    """Of an address that is a telephone number with its country code; of any other, nothing."""
    number = f"+{value.lstrip('+')}"
    try:
        return value[-SHOWN:] if to_e164(number) == number else ""
    except PhoneUnreadable:
        return ""
