"""Where each conversation stands: aiogram's FSM state and data."""

from tortoise import fields

from models.sealing.rows import SealedRow, SealedText


class FsmRecord(SealedRow):
    """State and data under aiogram's StorageKey, spelled as one text key."""

    key = fields.CharField(max_length=255, primary_key=True)
    office_id = fields.IntField()
    state = fields.CharField(max_length=255, null=True)
    data = SealedText("office_id", "key", default="{}")  # JSON object

    class Meta:
        table = "fsm"
