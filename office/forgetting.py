"""A request without the person: what was done and when remains, whose it was does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.forgetting import IN_HAND, mark_files
from models.forms import FormToken, Upload
from models.outbox import OutboxMessage, OutboxState
from models.requests import JournalEntry, Note, Paper, Question, Request
from models.sealing.rows import SCRUBBED
from office import uploads
from office.lifecycle import CORRECTED
from office.notices import subject_of
from office.papers import ASKED


async def forget_request(request: Request, now: datetime) -> None:
    """Take out name, NIK, papers and words.  Service, village, states and times stay, for the figures.

    The journal keeps who did what; staff's words in it go.  Inside a transaction.
    """
    await mark_files(await _scans_of(request))
    await Paper.filter(request_id=request.id).update(reason=None)
    await Note.filter(request_id=request.id).update(text="")
    await forget_questions(await Question.filter(request_id=request.id), now)
    await silence([subject_of(request)])
    await _forget_words(request)
    await forget_pages(await FormToken.filter(request_id=request.id))
    await Request.filter(id=request.id).update(
        subject_name=None,
        relation=None,
        nik=None,
        nik_index=None,
        nik_flags="",
        reason=None,
        retained_at=None,
        retain_reason=None,
        forgotten_at=now,
    )


async def forget_pages(forms: Sequence[FormToken]) -> None:
    """One-time pages, and what was being uploaded there."""
    ids = [form.id for form in forms]
    await uploads.forget(await Upload.filter(form_id__in=ids))
    await FormToken.filter(id__in=ids).delete()


async def forget_questions(questions: Iterable[Question], now: datetime) -> None:
    """What was asked is not here any more; what nobody has answered by now, nobody will."""
    for question in questions:
        here = Question.filter(id=question.id)
        await here.update(text="", answered_at=question.answered_at or now)
        await silence([f"question:{question.id}"])


async def _scans_of(request: Request) -> list[int]:
    """Those that no other request has."""
    mine = {paper.scan_id for paper in await Paper.filter(request_id=request.id)}
    others = Paper.filter(scan_id__in=mine, request__forgotten_at=None).exclude(request_id=request.id)
    return sorted(mine - {paper.scan_id for paper in await others})


async def silence(subjects: list[str]) -> None:
    """Notices about it, also to staff, say nothing any more; what waits is not said."""
    told = OutboxMessage.filter(subject__in=subjects)
    await told.filter(state=OutboxState.QUEUED).update(state=OutboxState.CANCELLED)
    await told.exclude(state__in=IN_HAND).update(payload=SCRUBBED)


async def _forget_words(request: Request) -> None:
    for entry in await JournalEntry.filter(request_id=request.id, action__in=[ASKED, CORRECTED]):
        theirs = "reason" if entry.action == ASKED else "before"
        detail = json.dumps({**json.loads(entry.detail), theirs: ""})
        await JournalEntry.filter(id=entry.id).update(**entry.sealed(detail=detail))
