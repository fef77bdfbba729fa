"""What this office lets out of the house: no link but its own, no question for a secret or for money."""

from __future__ import annotations

from typing import Final

from bot.guarding.guard import Guard, Unfit, broken
from office.context import OfficeNotOpen, office
from office.refusal import Refusal

_NOBODYS: Final = Guard()


class MayNotBeSent(Refusal):
    """No message of ours may say so.  Facts: ``words``, those it is about."""


class LeadsElsewhere(MayNotBeSent):
    """There is a link to somewhere that the office has not named.  Facts: ``words``: the link."""


class AsksForSecret(MayNotBeSent):
    """A PIN, a code, a password.  Facts: ``words``."""


class AsksForMoney(MayNotBeSent):
    """Whatever is done here is free.  Facts: ``words``."""


_REFUSALS: Final = {"link": LeadsElsewhere, "secret": AsksForSecret, "money": AsksForMoney}


def check(words: str) -> str:
    """The words, if a message may say them.  Raises: MayNotBeSent."""
    try:
        _guard().words(words)
    except Unfit as unfit:
        raise _REFUSALS.get(unfit.what, MayNotBeSent)(words=unfit.shown[:60]) from unfit
    return words


def may_be_said(words: str) -> bool:
    return _guard().lets_pass(words)


def harmless(words: str) -> str:
    """What strangers said, as it may be repeated: see `bot.guarding.guard.broken`."""
    return broken(words, _guard().allowed)


def _guard() -> Guard:
    try:
        return office().guard
    except OfficeNotOpen:
        return _NOBODYS
