"""``run.py audit verify``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from office.audit_anchors import anchor_of, keep
from office.audit_check import Tampered, check
from office.context import OfficeContext
from wiring.desk import Desk, for_all_offices
from wiring.offices import meant
from wiring.settings import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at one office, in a line."""

    whole: bool
    line: str


async def verify(settings: Settings) -> Sequence[Verdict]:
    """Whether every office's audit is as it was written; the end of one that is whole is anchored."""
    found = []
    async with for_all_offices(settings) as (branches, desk):
        for branch in branches:
            with meant(branches, branch.here.office_id):
                found.append(await _at(branch.here, desk))
    return found


async def _at(here: OfficeContext, desk: Desk) -> Verdict:
    try:
        found = await check(here)
    except Tampered as tampered:
        return Verdict(False, f"{here.office_id}: the audit is not as it was written: {tampered}.")
    end = await desk(partial(anchor_of, here.office_id))
    if end is not None:
        keep(end, here.audit)
    return Verdict(True, f"{here.office_id}: {found.rows} rows intact; {found.anchors} anchors agree.")
