"""What a one-time page says to an address that has posted too often."""

from aiohttp import web

from office.context import OfficeContext, at_office
from office.words import say
from pages.frame import note, page


def too_many(here: OfficeContext, _: web.Request, seconds: int) -> web.Response:
    """Nothing was lost: what was typed is still in the form behind it."""
    with at_office(here.office_id):
        return page("page-too-many-title", note(say("page-too-many", seconds=seconds)), status=429)
