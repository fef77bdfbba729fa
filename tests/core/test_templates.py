"""Templates: what the platform has approved decides, before anything is sent."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot import templates
from bot.channels.base import DeliveryFailed, Fault, RegisteredTemplate
from bot.methods import SendTemplate
from bot.templates import PAUSE, Place, Problem, Wanted, checked, problems, sync
from models.database import transaction
from models.outbox import OutboxState
from models.templates import MessageTemplate
from tests.core.channel import ACCOUNT, NOW, failure
from tests.core.test_delivery import Post, now_of
from tests.core.test_elsewhere import linked

HERE = Place(1, "whatsapp", ACCOUNT)
WANTED = (Wanted("loket_ready", "id", ("n",)),)


def method(**parameters: str) -> SendTemplate:
    return SendTemplate(chat_id=1, name="loket_ready", language="id", parameters=parameters, text="")


def listed(
    status: str = "APPROVED",
    *,
    name: str = "loket_ready",
    category: str = "UTILITY",
    parameters: Sequence[str] = ("n",),
) -> RegisteredTemplate:
    return RegisteredTemplate(
        name=name, language="id", category=category, status=status, parameters=tuple(parameters)
    )


async def synced(*found: RegisteredTemplate) -> None:
    await transaction(lambda: sync(HERE, found, WANTED, NOW))


async def code_of(sent: SendTemplate, *, filled: str | None = None) -> str:
    with pytest.raises(DeliveryFailed) as refused:
        await checked(sent, HERE, NOW, filled=filled)
    assert refused.value.fault is Fault.TEMPLATE_FAULT
    return refused.value.code


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


async def test_values_are_flattened_and_measured(database: str) -> None:
    taken = await checked(method(n=" satu\n\tdua      tiga "), HERE, NOW, filled="x" * 1024)
    assert taken.parameters == {"n": "satu dua tiga"}
    assert await code_of(method(n="x"), filled="x" * 1025) == "template_too_long"
    assert await code_of(method(n=" \n ")) == "template_empty_value"


async def test_where_nobody_asked_the_platform_decides(database: str) -> None:
    assert (await checked(method(a="1"), HERE, NOW, filled=None)).parameters == {"a": "1"}


@pytest.mark.parametrize(
    ("ours", "theirs", "sent"),
    [
        ({"a": "1", "b": "2"}, ["b", "a"], {"b": "2", "a": "1"}),
        ({"a": "1", "b": "2"}, ["1", "2"], {"1": "1", "2": "2"}),
        ({"a": "1", "b": "2"}, ["2", "1"], {"1": "1", "2": "2"}),
        ({"a": "1"}, ["a", "b"], None),
        ({"a": "1", "b": "2"}, ["1"], None),
        ({"a": "1", "b": "2"}, ["a", "c"], None),
    ],
)
async def test_values_go_under_the_platforms_names(
    database: str, ours: dict[str, str], theirs: list[str], sent: dict[str, str] | None
) -> None:
    await synced(listed(parameters=theirs))
    if sent is None:
        assert await code_of(method(**ours)) == "template_parameters"
    else:
        taken = (await checked(method(**ours), HERE, NOW, filled=None)).parameters
        assert list(taken.items()) == list(sent.items())


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PAUSED", "template_paused"),
        ("PENDING", "template_pending"),
        ("REJECTED", "template_rejected"),
        ("DISABLED", "template_disabled"),
        ("SOMETHING_NEW", "template_something_new"),
    ],
)
async def test_only_what_is_approved_is_sent(database: str, status: str, code: str) -> None:
    await synced(listed(status))
    assert await code_of(method(n="1")) == code
    assert [problem.what for problem in await problems("whatsapp", ACCOUNT, WANTED)] == [
        code.removeprefix("template_")
    ]


async def test_what_the_platform_does_not_list_is_missing(database: str) -> None:
    await synced(listed(name="another"))
    assert await code_of(method(n="1")) == "template_missing"
    assert await problems("whatsapp", ACCOUNT, WANTED) == [Problem("loket_ready", "id", "missing")]
    await synced(listed())
    assert {row.name for row in await MessageTemplate.all()} == {"loket_ready"}
    assert await problems("whatsapp", ACCOUNT, WANTED) == []


async def test_what_costs_more_or_has_other_variables_is_told(database: str) -> None:
    await synced(listed(category="MARKETING"))
    assert [p.what for p in await problems("whatsapp", ACCOUNT, WANTED)] == ["recategorised"]
    assert await checked(method(n="1"), HERE, NOW, filled=None)
    await synced(listed(parameters=["x", "y"]))
    assert [p.what for p in await problems("whatsapp", ACCOUNT, WANTED)] == ["parameters"]


# ---------------------------------------------------------------------- at delivery


async def test_a_paused_template_holds_its_notices_and_is_tried_again(post: Post) -> None:
    row = await post.notice(await post.person(heard=False))
    post.whatsapp.session.fails(failure("template_fault", "132015", after=PAUSE.total_seconds()))
    delivery = await post.carries_what_is_due()
    other = await post.notice(await post.person(heard=False))
    await post.carries_what_is_due(delivery)
    held = [await now_of(row), await now_of(other)]
    assert [(one.state, one.failure) for one in held] == [
        (OutboxState.QUEUED, "132015"),
        (OutboxState.QUEUED, "template_paused"),
    ]
    assert {one.due_at for one in held} == {NOW + PAUSE}
    assert post.whatsapp.session.tried == 1
    post.clock.advance(seconds=PAUSE.total_seconds())
    await post.carries_what_is_due(delivery)
    assert [(await now_of(one)).state for one in (row, other)] == [OutboxState.SENT] * 2


async def test_a_refused_template_stops_its_campaign(post: Post) -> None:
    rows = [await post.notice(await post.person(heard=False))]
    post.whatsapp.session.fails(failure("template_fault", "132001"))
    delivery = await post.carries_what_is_due()
    rows += [await post.notice(await post.person(heard=False)) for _ in range(3)]
    await post.carries_what_is_due(delivery)
    after = [await now_of(row) for row in rows]
    assert {row.state for row in after} == {OutboxState.FAILED}
    assert [row.failure for row in after] == ["132001", *["template_refused"] * 3]
    assert post.whatsapp.session.tried == 1
    assert await templates.set_status(HERE, "loket_ready", "id", "APPROVED", NOW)
    again = await post.notice(await post.person(heard=False))
    await post.carries_what_is_due(delivery)
    assert (await now_of(again)).state is OutboxState.SENT


async def test_what_waits_for_approval_does_not_wait_for_ever(post: Post) -> None:
    await synced(listed("PENDING"))
    row = await post.notice(await post.person(heard=False))
    delivery = await post.carries_what_is_due()
    assert (await now_of(row)).due_at == NOW + timedelta(minutes=15)
    post.clock.advance(days=2)
    await post.carries_what_is_due(delivery)
    assert ((await now_of(row)).state, (await now_of(row)).failure) == (
        OutboxState.FAILED,
        "template_pending",
    )


async def test_without_a_template_the_next_channel_says_it(post: Post) -> None:
    await synced(listed("PAUSED"))
    row = await post.notice(await linked(post, open_window=False))
    await post.carries_what_is_due()
    assert ((await now_of(row)).state, (await now_of(row)).channel) == (OutboxState.SENT, "telegram")
    assert post.telegram.session.said == ["ready 7 id"]
