"""Webhook bodies that nobody here wrote, all in one post, in any order and three times over."""

import csv
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.contacts import Address
from models.inbox import InboxEvent, InboxKind, InboxState
from tests.fakes import bodies
from tests.flows import doors
from tests.flows.counter import Counter
from tests.flows.steps import settled

FOLDER = Path(__file__).parents[1] / "channels" / "bodies"
WAMID = re.compile(r"wamid\.[A-Za-z0-9+/=_]+")


@dataclass(frozen=True)
class Foreign:
    """One body whose sender and message are made somebody's own: ``person`` says these words."""

    person: str
    entries: list[Any]
    messages: int
    statuses: int
    text: str


def foreign(counter: Counter, line: dict[str, str], number: int) -> Foreign:
    person = f"62812{number:08}"
    raw = (FOLDER / line["file"]).read_text(encoding="utf-8")
    for theirs, ours in ((line["sender_id"], person), (line["sender_alt"], f"ID.{number:020}")):
        raw = raw.replace(theirs, ours) if theirs else raw
    counter.graph.heard_from(wa_id=person, bsuid=f"ID.{number:020}", at=counter.clock())
    raw = WAMID.sub(lambda found: f"{found[0]}{number}", raw)
    raw = re.sub(
        r'"phone_number_id":\s*"[^"]*"', f'"phone_number_id": "{counter.graph.phone_number_id}"', raw
    )
    now = int(counter.clock().timestamp())  # as told, they are years old and would be set aside
    raw = re.sub(r'"timestamp":\s*("?)\d+', rf'"timestamp": \g<1>{now}', raw)
    return Foreign(
        person,
        json.loads(raw)["entry"],
        int(line["n_messages"]),
        int(line["n_statuses"]),
        json.loads(line["text"] or '""'),
    )


@pytest.fixture
def everything(counter: Counter) -> list[Foreign]:
    with (FOLDER / "MANIFEST.tsv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    theirs = [line for line in lines if line["platform"] == "whatsapp"]
    assert len(theirs) > 15
    return [foreign(counter, line, number) for number, line in enumerate(theirs, start=1)]


async def posts(counter: Counter, *entries: Any) -> None:
    body = {"object": "whatsapp_business_account", "entry": list(entries)}
    assert await doors.whatsapp(counter, bodies.as_meta_writes(body)) == 200


async def kept() -> dict[str, tuple[str, str | None, str]]:
    """External id → (kind, whose number, what was said)."""
    owners = {a.contact_id: a.value for a in await Address.filter(kind="wa_id")}
    return {
        row.external_id: (row.kind.value, owners.get(row.contact_id or 0), row.body)
        for row in await InboxEvent.filter(channel="whatsapp")
    }


async def test_a_joined_batch_is_handled_whole(counter: Counter, everything: list[Foreign]) -> None:
    await posts(counter, *(entry for body in everything for entry in body.entries))
    await settled(counter)
    rows = await kept()
    for body in everything:
        theirs = [(kind, said) for kind, whose, said in rows.values() if whose == body.person]
        assert len(theirs) == body.messages, body
        assert all(body.text in said or json.dumps(body.text)[1:-1] in said for _, said in theirs)
    receipts = [kind for kind, _, _ in rows.values() if kind == InboxKind.RECEIPT]
    assert len(receipts) == sum(body.statuses for body in everything)
    speakers = {body.person for body in everything if body.messages}
    assert {whose for _, whose, _ in rows.values() if whose is not None} == speakers
    assert {row.state for row in await InboxEvent.all()} == {InboxState.DONE}


async def test_in_any_order_and_three_times_over_they_say_the_same(
    counter: Counter, everything: list[Foreign]
) -> None:
    entries = [entry for body in everything for entry in body.entries]
    await posts(counter, *entries)
    await settled(counter)
    once = await kept()
    shuffled = random.Random(3).sample(entries * 3, len(entries) * 3)
    for start in range(0, len(shuffled), 7):
        await posts(counter, *shuffled[start : start + 7])
    await settled(counter)
    assert await kept() == once
    assert len(once) == sum(len(body.entries) for body in everything)
