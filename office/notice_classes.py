"""How much depends on a notice: what becomes of one that nobody can bring.

Nothing that may have arrived is ever sent again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class NoticeClass(StrEnum):
    MUST_KNOW = "must_know"  # they lose something by not knowing: they are telephoned
    COURTESY = "courtesy"  # kind to say; once it is too old, it is said no more
    TO_STAFF = "to_staff"  # stands in a list of the desk's, too


COURTESY_LIVES: Final = timedelta(days=3)

CLASSES: Final[Mapping[str, NoticeClass]] = {
    "needs_correction": NoticeClass.MUST_KNOW,
    "complete": NoticeClass.MUST_KNOW,  # the legal time runs from here
    "ready_for_pickup": NoticeClass.MUST_KNOW,
    "issued_digital": NoticeClass.MUST_KNOW,
    "issued_with_note": NoticeClass.MUST_KNOW,
    "on_hold": NoticeClass.MUST_KNOW,
    "rejected": NoticeClass.MUST_KNOW,
    "wrong_office": NoticeClass.MUST_KNOW,
    "expired": NoticeClass.MUST_KNOW,
    "staff_words": NoticeClass.MUST_KNOW,
    "resumed": NoticeClass.COURTESY,
    "collected": NoticeClass.COURTESY,
    "reminder_uncollected": NoticeClass.COURTESY,
    "trouble": NoticeClass.COURTESY,
    "too_fast": NoticeClass.COURTESY,
    "link_asked": NoticeClass.COURTESY,
    "linked": NoticeClass.COURTESY,
    "link_refused": NoticeClass.COURTESY,
    "fresh_start": NoticeClass.COURTESY,
    "data_erased": NoticeClass.COURTESY,
    "village_checked": NoticeClass.COURTESY,
    "village_unfit": NoticeClass.COURTESY,
    "village_batch": NoticeClass.COURTESY,
    "broadcast": NoticeClass.COURTESY,
    "broadcast_trial": NoticeClass.COURTESY,
    "staff_question": NoticeClass.TO_STAFF,
    "staff_corrected": NoticeClass.TO_STAFF,
    "staff_right": NoticeClass.TO_STAFF,
    "staff_breach": NoticeClass.TO_STAFF,
    "staff_alerts": NoticeClass.TO_STAFF,
    "staff_broadcast": NoticeClass.TO_STAFF,
}

MUST_KNOW: Final = tuple(name for name, kind in CLASSES.items() if kind is NoticeClass.MUST_KNOW)


def expires(name: str, due_at: datetime) -> datetime | None:
    """When a notice of this name, due then, has become too old to be said; None: never."""
    return due_at + COURTESY_LIVES if CLASSES[name] is NoticeClass.COURTESY else None
