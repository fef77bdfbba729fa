"""The one-time page for the NIK, on our own address, for channels whose platform forbids asking in chat."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.forms import FormToken
from models.requests import Request
from office.codes import hash_of, new_token
from office.context import office
from office.identity import Decision, Nik
from office.lifecycle import ENDED
from office.refusal import Refusal
from office.requests import set_nik

LIVES: Final = timedelta(minutes=30)


class FormExpired(Refusal):
    """The page is too old, was replaced by a newer one, or never was."""


class FormUsed(Refusal):
    """The page was filled in before."""


class NikToConfirm(Refusal):
    """The NIK is unusual: it is taken once the person ticks that it is right.  Facts: ``last_four``."""


class NoPublicAddress(RuntimeError):
    """`LOKET_PUBLIC_URL` is not set, so no page of ours can be reached from a phone."""


async def open_form(request: Request, now: datetime) -> str:
    """A token for a new page of this request; older pages of it are void."""
    await FormToken.filter(request_id=request.id, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = new_token()
    await FormToken.create(
        office_id=request.office_id,
        request_id=request.id,
        token_hash=hash_of(token),
        created_at=now,
        expires_at=now + LIVES,
    )
    return token


def address_of(token: str) -> str:
    """``https://…/f/TOKEN``.  Raises: NoPublicAddress."""
    public_url = office().public_url
    if public_url is None:
        raise NoPublicAddress
    return f"{public_url}/f/{token}"


async def look(token: str, now: datetime) -> Request:
    """The request a page is for.  Raises: FormExpired, FormUsed."""
    return (await _valid(token, now)).request


async def redeem(token: str, typed_nik: str, now: datetime, *, confirmed: bool = False) -> Request:
    """Take the NIK from the page, once.  A no leaves the page as it was.

    Raises: `NikUnreadable`, NikToConfirm, FormExpired, FormUsed, `NotADraft` when the request is over.
    """
    form = await _valid(token, now)
    nik = Nik.parse(typed_nik)
    if nik.verdict.decision is Decision.CONFIRM and not confirmed:
        raise NikToConfirm(last_four=nik.last_four)
    if not await FormToken.filter(id=form.id, used_at=None, expires_at__gt=now).update(used_at=now):
        raise FormUsed
    return await set_nik(form.request, nik, "form")


async def _valid(token: str, now: datetime) -> FormToken:
    here = FormToken.filter(office_id=office().office_id, token_hash=hash_of(token))
    form = await here.get_or_none().select_related("request")
    if form is not None and form.used_at is not None:
        raise FormUsed
    if form is None or form.expires_at <= now or form.request.state in ENDED:
        raise FormExpired
    return form
