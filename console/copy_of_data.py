"""`/console/hak/D12/salinan`: a person's copy, fetched for them once somebody has seen who they are."""

import tempfile
from functools import partial

from aiohttp import web

from bot.download import sent
from bot.posted import texts
from console.frame import page, why
from console.given import GIVEN, now_of
from models.database import transaction
from models.staff import Staff
from office import persons
from office.archive import NAME, fill
from office.codes import new_token
from office.exports import export_of
from office.handing_out import IdentityCheck, Proof, Why, hand_out
from office.permissions import Denied
from office.refusal import Refusal


async def ask(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _page(request, staff)


async def send(request: web.Request, staff: Staff) -> web.StreamResponse:
    """The archive, once for each page that was opened."""
    form, now = await texts(request), now_of(request)
    found = await persons.find(request.match_info["key"], staff)
    try:
        check = IdentityCheck.read(
            ticked=form.get("diperiksa") == "1", proof=form.get("bukti", ""), why=form.get("alasan", "")
        )
        with tempfile.TemporaryFile() as archive:
            await fill(archive, await export_of(found.contact, now), request.app[GIVEN].storage)
            token = form.get("sekali", "")
            await transaction(partial(hand_out, found, token, check, staff, now))
            return await sent(request, archive, NAME, "application/zip")
    except Denied:
        raise
    except Refusal as refusal:
        return await _page(request, staff, refusal)


async def _page(request: web.Request, staff: Staff, problem: Refusal | None = None) -> web.StreamResponse:
    found = await persons.find(request.match_info["key"], staff)
    return page(
        request,
        "copy_of_data.html",
        status=200 if problem is None else 422,
        found=found,
        once=new_token(),
        proofs=[proof.value for proof in Proof],
        reasons=[why.value for why in Why],
        problem=why(problem),
    )
