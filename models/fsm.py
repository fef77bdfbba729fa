"""Where each conversation stands: aiogram's FSM state and data."""

from tortoise import fields
from tortoise.models import Model


class FsmRecord(Model):
    """State and data under aiogram's StorageKey, spelled as one text key."""

    key = fields.CharField(max_length=255, primary_key=True)
    office_id = fields.IntField()
    state = fields.CharField(max_length=255, null=True)
    data = fields.TextField(default="{}")  # JSON object

    class Meta:
        table = "fsm"
