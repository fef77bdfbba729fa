"""One-time pages on our own address, for channels whose platform forbids asking in the chat.

A page for the NIK is spent by the NIK.  A page for papers lives while something comes in, until it is closed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tortoise.queryset import QuerySet

from models.contacts import Contact, Conversation
from models.forms import FormKind, FormToken
from models.requests import Request, RequestState
from office.codes import hash_of, new_token
from office.context import office
from office.identity import Decision, Nik
from office.lifecycle import ENDED
from office.refusal import Refusal
from office.requests import set_nik
from office.words import FIRST

LIVES: Final = timedelta(minutes=30)
AT_MOST: Final = timedelta(hours=6)  # … however long something comes in

Place = tuple[str, str]  # channel and account


class FormExpired(Refusal):
    """The page is too old, was replaced by a newer one, or never was."""


class FormUsed(Refusal):
    """The page was filled in before."""


class NikToConfirm(Refusal):
    """The NIK is unusual: it is taken once the person ticks that it is right.  Facts: ``last_four``."""


class NoPublicAddress(RuntimeError):
    """`LOKET_PUBLIC_URL` is not set, so no page of ours can be reached from a phone."""


def by_page(channel: str) -> bool:
    """Whether papers of this channel are asked for on a page; a page needs an address of ours."""
    return channel in office().paper_pages and office().public_url is not None


async def open_form(
    request: Request, now: datetime, kind: FormKind = FormKind.NIK, place: Place | None = None
) -> str:
    """A token for a new page of this request; older pages of it are void.

    ``place``: the conversation that asked for it, where it goes on; None: the request's.
    """
    await FormToken.filter(request_id=request.id, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = new_token()
    channel, account = place or (request.channel, request.account)
    await FormToken.create(
        office_id=request.office_id,
        request_id=request.id,
        kind=kind,
        channel=channel,
        account=account,
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


async def look(token: str, now: datetime) -> FormToken:
    """The page with its request and contact.  Looking spends nothing.

    Raises: FormUsed; FormExpired, also where the request is over, or the chat may have new hands.
    """
    here = FormToken.filter(office_id=office().office_id, token_hash=hash_of(token))
    form = await here.get_or_none().select_related("request", "request__contact")
    if form is not None and form.used_at is not None:
        raise FormUsed
    if form is None or form.expires_at <= now or not _waits(form) or await _in_doubt(form):
        raise FormExpired
    return form


async def language_of(token: str) -> str:
    """The person's whose page it is or was; the first one where it never was."""
    here = FormToken.filter(office_id=office().office_id, token_hash=hash_of(token))
    form = await here.get_or_none().select_related("request__contact")
    return FIRST if form is None else form.request.contact.language


async def redeem(token: str, typed_nik: str, now: datetime, *, confirmed: bool = False) -> Request:
    """Take the NIK from the page, once.  A no leaves the page as it was.

    Raises: `NikUnreadable`, NikToConfirm, FormExpired, FormUsed, `NotADraft` when the request is over.
    """
    form = await look(token, now)
    nik = Nik.parse(typed_nik)
    if nik.verdict.decision is Decision.CONFIRM and not confirmed:
        raise NikToConfirm(last_four=nik.last_four)
    if form.kind is not FormKind.NIK or not await _spend(form, now):
        raise FormUsed
    return await set_nik(form.request, nik, "form")


async def prolong(form: FormToken, now: datetime) -> datetime:
    """Something came in: the page lives on; until when.  Raises: FormUsed, FormExpired."""
    until = max(form.expires_at, min(now + LIVES, form.created_at + AT_MOST))
    if not await _alive(form, now).update(expires_at=until):
        raise await _why_dead(form)
    return until


async def close(form: FormToken, now: datetime) -> None:
    """The person has sent everything.  Raises: FormUsed, FormExpired."""
    if not await _spend(form, now):
        raise await _why_dead(form)


async def close_all_of(request: Request, now: datetime) -> None:
    """There is nothing more to send."""
    await FormToken.filter(request_id=request.id, used_at=None, expires_at__gt=now).update(used_at=now)


async def void_all_of(contact: Contact, now: datetime) -> None:
    """Whoever holds an address of a page is not this person any more."""
    theirs = [request.id for request in await Request.filter(contact_id=contact.id)]
    await FormToken.filter(request_id__in=theirs, used_at=None, expires_at__gt=now).update(expires_at=now)


async def is_open(request: Request, now: datetime) -> bool:
    """Whether a page for the papers of this request may be in somebody's hand."""
    return await FormToken.filter(
        request_id=request.id, kind=FormKind.PAPERS, used_at=None, expires_at__gt=now
    ).exists()


def _alive(form: FormToken, now: datetime) -> QuerySet[FormToken]:
    return FormToken.filter(id=form.id, used_at=None, expires_at__gt=now)


async def _spend(form: FormToken, now: datetime) -> bool:
    return bool(await _alive(form, now).update(used_at=now))


async def _why_dead(form: FormToken) -> Refusal:
    return FormUsed() if await FormToken.exclude(used_at=None).filter(id=form.id).exists() else FormExpired()


def _waits(form: FormToken) -> bool:
    if form.kind is FormKind.PAPERS:
        return form.request.state in (RequestState.DRAFT, RequestState.NEEDS_CORRECTION)
    return form.request.state not in ENDED


async def _in_doubt(form: FormToken) -> bool:
    channel, account = form.place
    there = Conversation.filter(contact_id=form.request.contact_id, channel=channel, account=account)
    return await there.exclude(reverify_since=None).exists()
