"""A small office with a row in every table around a request."""

from datetime import UTC, datetime

from models.contacts import Contact
from models.database import close_database, open_database
from models.files import StoredFile
from models.forms import FormToken, Upload
from models.requests import JournalEntry, Note, Paper, Question, Request, RequestOutput
from models.staff import Role, Staff

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


async def furnish(url: str) -> None:
    """Three requests with two children of each kind: a lost child shows."""
    await open_database(url)
    try:
        contact = await Contact.create(office_id=1, name="Yuliana", created_at=NOW)
        staff = await Staff.create(office_id=1, name="Melki", role=Role.OPERATOR, created_at=NOW)
        for n in range(3):
            await _furnish_request(n, contact, staff)
    finally:
        await close_database()


async def _furnish_request(n: int, contact: Contact, staff: Staff) -> None:
    request = await Request.create(
        office_id=1,
        number=f"K7Q2M9FD{n}",
        queue_number=n + 1,
        service="ktp_hilang",
        contact=contact,
        channel="webchat",
        account="web",
        owner=staff,
        created_at=NOW,
        submitted_at=NOW,
        changed_at=NOW,
    )
    for m in range(2):
        here = f"{n}{m}"
        scan = await StoredFile.create(office_id=1, file_id=f"web-{here}", created_at=NOW)
        await Paper.create(office_id=1, request=request, slot="kk", scan=scan, received_at=NOW)
        await RequestOutput.create(office_id=1, request=request, key=f"output{m}")
        await JournalEntry.create(office_id=1, request=request, at=NOW, actor="clock", action="made")
        await Note.create(office_id=1, request=request, staff=staff, text="it's; here", at=NOW)
        form = await FormToken.create(
            office_id=1, request=request, token_hash=here, created_at=NOW, expires_at=NOW, used_at=None
        )
        await Upload.create(office_id=1, form=form, key=f"upload{here}", slot="kk", length=9, created_at=NOW)
        await Question.create(
            office_id=1,
            contact=contact,
            channel="webchat",
            account="web",
            request=request,
            number=n * 2 + m,
            text="?",
            asked_at=NOW,
        )
