"""`/console/mulai/TOKEN`: where somebody new sets up their way in, once."""

import segno
from aiohttp import web
from markupsafe import Markup

from bot.posted import typed
from console.frame import page, why
from console.given import now_of
from office import console_accounts, second_factor
from office.console_accounts import ConsoleLinkOver
from office.passwords import LONGEST, SHORTEST
from office.refusal import Refusal


async def show(request: web.Request) -> web.StreamResponse:
    """Looking spends nothing: whoever passes a link on may fetch it for a preview."""
    return await _form(request)


async def send(request: web.Request) -> web.StreamResponse:
    token = request.match_info["token"]
    password, again, code = await typed(request, "password", "again", "code")
    try:
        codes = await console_accounts.enrol(token, password, again, code, now_of(request))
    except ConsoleLinkOver as over:
        return page(request, "refused.html", status=410, why=why(over))
    except Refusal as refusal:
        return await _form(request, refusal)
    return page(request, "enrolled.html", codes=codes)


async def _form(request: web.Request, refusal: Refusal | None = None) -> web.Response:
    try:
        link = await console_accounts.look(request.match_info["token"], now_of(request))
    except ConsoleLinkOver as over:
        return page(request, "refused.html", status=410, why=why(over))
    picture = segno.make(second_factor.address_of(link.totp_secret, link.staff), error="m", micro=False)
    return page(
        request,
        "enrol.html",
        status=200 if refusal is None else 422,
        problem=why(refusal),
        name=link.staff.name,
        number=link.staff.id,
        picture=Markup(picture.svg_inline(scale=4, light="#fff", omitsize=True)),  # noqa: S704 - drawn here
        secret=" ".join(link.totp_secret[at : at + 4] for at in range(0, len(link.totp_secret), 4)),
        shortest=SHORTEST,
        longest=LONGEST,
    )
