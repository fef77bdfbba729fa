"""``run.py audit verify``."""

from collections.abc import Sequence
from functools import partial

from office.audit_anchors import anchor_of, keep
from office.audit_check import Tampered, check
from wiring.desk import for_all_offices
from wiring.offices import meant
from wiring.settings import Settings


async def verify(settings: Settings) -> tuple[bool, Sequence[str]]:
    """Whether every office's audit is as it was written, and a line on each; what is whole is anchored."""
    whole, lines = True, []
    async with for_all_offices(settings) as (branches, desk):
        for branch in branches:
            here = branch.here
            with meant(branches, here.office_id):
                try:
                    found = await check(here)
                except Tampered as tampered:
                    whole = False
                    lines.append(f"{here.office_id}: the audit is not as it was written: {tampered}.")
                    continue
                end = await desk(partial(anchor_of, here.office_id))
                if end is not None:
                    keep(end, here.audit)
            lines.append(f"{here.office_id}: {found.rows} rows intact; {found.anchors} anchors agree.")
    return whole, lines
